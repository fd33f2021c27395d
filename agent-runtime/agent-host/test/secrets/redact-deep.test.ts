import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redactDeep } from '../../src/secrets/redact-deep.ts';

const redact = (text: string): string => text.replaceAll('hush', '[redacted: secret]');

describe('redactDeep', () => {
  it('takes secrets out of every text and every name, and leaves the named members', () => {
    const value = { a: ['hush', { 'hush key': 'x hush' }], kept: 'hush', n: 1, z: null };

    expect(redactDeep(value, redact, new Set(['kept']))).toEqual({
      a: ['[redacted: secret]', { '[redacted: secret] key': 'x [redacted: secret]' }],
      kept: 'hush',
      n: 1,
      z: null,
    });
  });

  it('gives back the very value where there is nothing to take out, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(redactDeep(value, (text) => text)).toBe(value);
      }),
    );
  });
});
