import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { splitMarkdown } from '../../src/ui/markdown-blocks.ts';

const line = fc.constantFrom('text', '', '```ts', '```', '- item', '  more', '1. one', '~~~', '# Title', '> quote');
const source = fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n'));

describe('splitMarkdown', () => {
  it('loses nothing', () => {
    fc.assert(fc.property(source, (given) => expect(splitMarkdown(given).join('')).toBe(given)));
  });

  it('never changes an earlier block when text is added at the end', () => {
    fc.assert(
      fc.property(source, source, (before, added) => {
        const blocks = splitMarkdown(before);
        const longer = splitMarkdown(before + added);

        expect(longer.slice(0, Math.max(0, blocks.length - 1))).toEqual(blocks.slice(0, -1));
      }),
    );
  });

  it('keeps fenced code and lists whole', () => {
    expect(splitMarkdown('a\n\n```\nx\n\ny\n```\n\n- 1\n\n- 2\n\nb')).toEqual([
      'a\n\n',
      '```\nx\n\ny\n```\n\n',
      '- 1\n\n- 2\n\n',
      'b',
    ]);
  });

  it('keeps a text with link definitions whole', () => {
    expect(splitMarkdown('see [a]\n\n[a]: https://example.com\n')).toHaveLength(1);
  });
});
