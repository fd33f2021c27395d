import { describe, expect, it } from '@jest/globals';
import { Text } from '@codemirror/state';
import { toDiagnostics } from '../../src/ui/json-editor/problem-marks.ts';

describe('problems in the margin of the editor', () => {
  const doc = Text.of(['{', '  "zone": "x"', '}']);

  it('underline their line without its indent', () => {
    expect(toDiagnostics(doc, [{ line: 2, message: 'The zone is unknown.' }])).toEqual([
      { from: 4, to: 15, severity: 'error', message: 'The zone is unknown.' },
    ]);
  });

  it('stand at the first line when they concern the whole', () => {
    expect(toDiagnostics(doc, [{ line: null, message: 'No capability.' }])).toEqual([
      { from: 0, to: 1, severity: 'error', message: 'No capability.' },
    ]);
  });

  it('are left out when their line is gone', () => {
    expect(toDiagnostics(doc, [{ line: 9, message: 'Late.' }])).toEqual([]);
  });
});
