import { describe, expect, it } from '@jest/globals';
import { starterPolicies } from '@steward/policy-engine';
import fc from 'fast-check';
import { validatePolicyText } from '../../src/drafts/validate-policy.ts';

const careful = starterPolicies['Careful developer']!;
const text = JSON.stringify(careful, null, 2);
const lineOf = (needle: string): number => text.split('\n').findIndex((line) => line.includes(needle)) + 1;

describe('validating a policy as it is typed', () => {
  it.each(Object.entries(starterPolicies))('finds nothing wrong with %s', (_name, content) => {
    expect(validatePolicyText(JSON.stringify(content, null, 2))).toEqual({ valid: true, problems: [], content });
  });

  it('names the line of text that is no JSON, and what to do', () => {
    expect(validatePolicyText('{\n  "name": "x",\n  "zone": supervised\n}')).toEqual({
      valid: false,
      problems: expect.arrayContaining([
        { path: '', line: 3, column: 11, reason: 'This is no JSON value.', remedy: 'Correct the text here.' },
      ]),
    });
    expect(validatePolicyText('').problems).toMatchObject([{ line: 1, reason: 'A value is expected here.' }]);
  });

  it('names the line, the pointer and the remedy of a wrong word, a missing and an unknown setting', () => {
    const wrong = text
      .replace('"zone": "supervised"', '"zone": "relaxed"')
      .replace('"requiresApproval": false', '"requiresAproval": false');

    const { valid, problems } = validatePolicyText(wrong);

    expect(valid).toBe(false);
    expect(problems).toEqual(
      expect.arrayContaining([
        {
          path: '/zone',
          line: lineOf('"zone": "supervised"'),
          column: 11,
          reason: 'This is none of the words that are possible here.',
          remedy: 'Use one of: sandbox, supervised, high_stakes.',
        },
        {
          path: '/capabilities/0/requiresAproval',
          line: lineOf('"requiresApproval": false'),
          column: expect.any(Number),
          reason: 'There is no setting "requiresAproval" here.',
          remedy: 'Remove it, or correct its name.',
        },
        expect.objectContaining({ path: '/capabilities/0', reason: '"requiresApproval" is missing.' }),
      ]),
    );
  });

  it('names the line of an entry that could never match', () => {
    const { problems } = validatePolicyText(text.replace('"${workspace}"', '"src/*.ts"'));

    expect(problems).toMatchObject([
      { line: lineOf('"${workspace}"'), path: expect.stringContaining('/allowedPaths/0'), remedy: expect.any(String) },
    ]);
  });

  it('refuses a setting that is there twice, since the last would silently win', () => {
    const { valid, problems } = validatePolicyText(text.replace('"zone":', '"zone": "sandbox",\n  "zone":'));

    expect(valid).toBe(false);
    expect(problems).toMatchObject([{ path: '/zone', reason: '"zone" is there twice.' }]);
  });

  it('answers every text, with problems that lie inside it', () => {
    const edit = fc.record({ at: fc.nat(text.length), drop: fc.nat(20), put: fc.string({ maxLength: 8 }) });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 3 }), (edits) => {
        let typed = text;
        for (const { at, drop, put } of edits) typed = typed.slice(0, at) + put + typed.slice(at + drop);
        const { valid, problems } = validatePolicyText(typed);
        const lines = typed.split('\n').length;
        expect(valid).toBe(problems.length === 0);
        for (const { line } of problems) expect(line! >= 1 && line! <= lines).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
