import { describe, expect, it } from '@jest/globals';
import { isFailure, isTruncated, readCommandOutcome } from '../../src/demo-gateway/tool-results.ts';

describe('a tool result', () => {
  it.each([
    'Error: a.js does not exist.',
    'FILE_NOT_FOUND: a.js does not exist.',
    'Denied: the person said no.',
    'Refused by the policy.',
    '[error CAPABILITY_DENIED] no',
    '{"code":"CAPABILITY_DENIED","message":"no"}',
    '{ "error": { "code": "X" } }',
  ])('is a failure: %s', (result) => {
    expect(isFailure(result)).toBe(true);
  });

  it.each(['export const A = 1;', 'MAX_SIZE = 3', '{"name":"x"}', '', '# Errors happen', 'const error = new Error();'])(
    'is content: %j',
    (result) => {
      expect(isFailure(result)).toBe(false);
    },
  );

  it.each([
    ['a\n[truncated: lines 0 to 9 of 20 shown; continue with offset 10]', true],
    ['a\n[… 5 of 10 bytes left out …]\nb', true],
    ['const x = [truncated];', false],
  ])('knows from %j whether it is cut: %s', (result, cut) => {
    expect(isTruncated(result)).toBe(cut);
  });

  it.each([
    ['ok 1 - works\nexit code 3 is tested too', 0],
    ['failing\n[exit code 1]', 1],
    ['exit code: 2\nfailing', 2],
    ['TOOL_EXECUTION_FAILED: The command ended with exit code 127.', 127],
    ['APPROVAL_DENIED: the person said no.', undefined],
  ])('of a command %j says %s', (result, exitCode) => {
    expect(readCommandOutcome(result).exitCode).toBe(exitCode);
  });
});
