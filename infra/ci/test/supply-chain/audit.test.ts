import { describe, expect, test } from '@jest/globals';
import { judgeAudit } from '../../src/supply-chain/audit.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const report = (via: readonly unknown[]): string =>
  JSON.stringify({ vulnerabilities: { left: { name: 'left', via } } });
const advisory = {
  source: 1,
  title: 'Prototype pollution',
  severity: 'high',
  url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
};
const exception = { advisory: 'GHSA-aaaa-bbbb-cccc', package: 'left', reason: 'Not reachable.', expires: '2026-03-02' };

describe('the audit', () => {
  test('passes a report without findings', () => {
    expect(judgeAudit('{"vulnerabilities":{}}', [], now)).toEqual({ checked: true, problems: [], notes: [] });
  });

  test('names each finding once, where it comes from', () => {
    const result = judgeAudit(report([advisory, 'right']), [], now);

    expect(result).toEqual({
      checked: true,
      problems: ['left: GHSA-aaaa-bbbb-cccc (high) Prototype pollution'],
      notes: [],
    });
  });

  test('accepts an explained finding until the explanation expires', () => {
    const results = {
      before: judgeAudit(report([advisory]), [exception], now),
      after: judgeAudit(report([advisory]), [exception], new Date('2026-03-02T00:00:00.000Z')).problems,
      ofAnotherPackage: judgeAudit(report([advisory]), [{ ...exception, package: 'other' }], now).problems,
    };

    expect(results).toEqual({
      before: {
        checked: true,
        problems: [],
        notes: ['left: GHSA-aaaa-bbbb-cccc is explained until 2026-03-02: Not reachable.'],
      },
      after: ['left: GHSA-aaaa-bbbb-cccc (high) Prototype pollution'],
      ofAnotherPackage: [
        'left: GHSA-aaaa-bbbb-cccc (high) Prototype pollution',
        'other: the exception for GHSA-aaaa-bbbb-cccc is not needed any more; remove it.',
      ],
    });
  });

  test('is unchecked, never clean, where the registry offers no audit', () => {
    const result = judgeAudit('{"message":"405 Method Not Allowed","statusCode":405}', [], now);

    expect(result).toEqual({
      checked: false,
      problems: [],
      notes: ['The registry answered 405 to the audit request (405 Method Not Allowed).'],
    });
  });

  test.each([
    ['a failing registry', '{"message":"503 Service Unavailable","statusCode":503}'],
    ['no answer at all', ''],
    ['text that is no report', 'npm error network'],
    ['a report without a result', '{"metadata":{}}'],
  ])('fails on %s', (_what, output) => {
    const result = judgeAudit(output, [], now);

    expect({ checked: result.checked, problems: result.problems.length }).toEqual({ checked: true, problems: 1 });
  });
});
