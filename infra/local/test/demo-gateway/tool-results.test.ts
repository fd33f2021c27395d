import { describe, expect, it } from '@jest/globals';
import { isFailure, isTruncated, readCommandOutcome } from '../../src/demo-gateway/tool-results.ts';

describe('a tool result', () => {
  it.each([
    'FILE_NOT_FOUND: a.js does not exist.',
    'CONFLICT: The old text does not match exactly once.',
    'TOOL_EXECUTION_FAILED: The command ended with exit code 1.\nnot ok 1',
    'Denied: the person said no.',
  ])('is a failure: %s', (result) => {
    expect(isFailure(result)).toBe(true);
  });

  it.each([
    'export const A = 1;',
    'MAX_SIZE: 3',
    'Errors happen.',
    '{"code":"x"}',
    '',
    'snake_case: true',
    '# Denied: a novel',
  ])('is content: %j', (result) => {
    expect(isFailure(result)).toBe(false);
  });

  it.each([
    ['a\n[truncated: lines 0 to 9 of 20 shown; continue with offset 10]', true],
    ['a\n[… 5 of 10 bytes left out …]\nb', true],
    ['const x = [truncated];', false],
  ])('knows from %j whether it is cut: %s', (result, cut) => {
    expect(isTruncated(result)).toBe(cut);
  });

  it.each([
    ['ok 1 - works\nexit code 3', { exitCode: 0, output: 'ok 1 - works\nexit code 3' }],
    ['TOOL_EXECUTION_FAILED: The command ended with exit code 127.\nsh: x', { exitCode: 127, output: 'sh: x' }],
    ['TOOL_EXECUTION_TIMEOUT: The command took longer than 5 s.', { exitCode: undefined, without: 'did not finish' }],
    ['CAPABILITY_DENIED: The policy says no.', { exitCode: undefined, without: 'did not run' }],
  ])('of a command %j says %j', (result, outcome) => {
    expect(readCommandOutcome(result)).toMatchObject(outcome);
  });
});
