import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { conversationTitle } from '../src/index.ts';

describe('the title of a conversation', () => {
  it.each([
    ['  \n', ''],
    [' Rename \nmore', 'Rename'],
    ['\n\n  Rename   add\tto sum', 'Rename add to sum'],
    ['Run `git status`', 'Run git status'],
    ['## Clean up **now**', 'Clean up now'],
    ['- first point', 'first point'],
    ['```sh\nnpm test\n```', 'npm test'],
    ['2 * 3 * 4 is `not closed', '2 * 3 * 4 is `not closed'],
    [`${'word '.repeat(30)}`, `${'word '.repeat(14)}word…`],
    ['x'.repeat(100), `${'x'.repeat(79)}…`],
  ])('of %j is %j', (prompt, title) => {
    expect(conversationTitle(prompt)).toBe(title);
  });

  it('is one line of at most eighty characters, whatever the prompt', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (prompt) => {
        const title = conversationTitle(prompt);

        expect([title.length <= 80, title.includes('\n'), title.trim() === title]).toEqual([true, false, true]);
      }),
    );
  });
});
