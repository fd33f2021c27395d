import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { linesOfTokens, markTokens } from '../../src/ui/tokens.ts';

describe('linesOfTokens', () => {
  it('cuts nested stretches at line breaks and keeps the innermost class', () => {
    const text = (value: string) => ({ type: 'text', value });
    const tree = {
      type: 'root',
      children: [text('a'), { type: 'element', properties: { className: ['hljs-string'] }, children: [text('b\nc')] }],
    };

    expect(linesOfTokens(tree)).toEqual([
      [
        { text: 'a', className: '' },
        { text: 'b', className: 'hljs-string' },
      ],
      [{ text: 'c', className: 'hljs-string' }],
    ]);
  });
});

describe('markTokens', () => {
  it('marks exactly the given ranges and loses no text', () => {
    const tokens = fc.array(
      fc.record({ text: fc.string({ minLength: 1, maxLength: 6 }), className: fc.constant('') }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(tokens, fc.nat(20), fc.nat(10), (given, start, length) => {
        const pieces = markTokens(given, length === 0 ? [] : [{ start, end: start + length }]);

        const whole = given.map((token) => token.text).join('');
        expect(pieces.map((piece) => piece.text).join('')).toBe(whole);
        expect(
          pieces
            .filter((piece) => piece.marked)
            .map((piece) => piece.text)
            .join(''),
        ).toBe(whole.slice(start, start + length));
      }),
    );
  });
});
