import { describe, expect, it } from '@jest/globals';
import { compileGlob } from '../../src/files/glob.ts';
import { requiredLiteral, compileSearch } from '../../src/files/text-search.ts';
import fc from 'fast-check';

describe('compileGlob', () => {
  it.each([
    ['**/*.ts', ['a.ts', 'x/y/a.ts'], ['a.tsx', 'x/a.js']],
    ['src/*.ts', ['src/a.ts'], ['src/x/a.ts', 'a.ts']],
    ['src/**', ['src/a', 'src/x/y'], ['srcs/a', 'src']],
    ['*.{ts,js}', ['a.ts', 'a.js'], ['a.{ts,js}', 'a.css']],
    ['a{b,{c,d}e}f', ['abf', 'acef', 'adef'], ['aef']],
    ['[!a-c]?.txt', ['dx.txt'], ['ax.txt', '/x.txt', 'd.txt']],
    ['a+(b).txt', ['a+(b).txt'], ['ab.txt']],
    ['\\*.txt', ['*.txt'], ['a.txt']],
    ['./a.txt', ['a.txt'], ['b/a.txt']],
    ['{single}', ['{single}'], ['single']],
  ])('%s', async (pattern, yes, no) => {
    const matches = await compileGlob(pattern, { ignoreCase: false });

    expect([yes.filter((each) => !matches(each)), no.filter((each) => matches(each))]).toEqual([[], []]);
  });

  it('ignores case where the disk does', async () => {
    expect((await compileGlob('*.TS', { ignoreCase: true }))('a.ts')).toBe(true);
  });

  it('refuses a pattern that explodes', async () => {
    await expect(compileGlob('{a,b}'.repeat(20), { ignoreCase: false })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
  });
});

describe('requiredLiteral', () => {
  it.each([
    ['export\\s+const', undefined],
    ['foo.*barbaz', 'barbaz'],
    ['fooo?bar', 'foo'],
    ['a|b', undefined],
    ['(abc)?def', 'def'],
    ['[abc]def', 'def'],
    ['abcd{2}ef', 'abc'],
    ['a\\.b', 'a.b'],
    ['(?i)abc', undefined],
  ])('of %s is %s', (pattern, literal) => {
    expect(requiredLiteral(pattern)).toBe(literal);
  });

  it('never hides a match from the search', async () => {
    const { RE2JS } = await import('re2js');
    const piece = fc.constantFrom(
      'ab',
      'c',
      '.',
      '.*',
      'x?',
      'y+',
      'z{2}',
      '[ab]',
      '[]x]',
      '(ab)',
      '(ab)?',
      '\\.',
      '\\d',
      '^',
      '$',
      '|',
      '(?:c)*',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { minLength: 1, maxLength: 6 }).map((each) => each.join('')),
        fc.string({ unit: fc.constantFrom(...'abcxyz.]1'), maxLength: 15 }),
        async (pattern, line) => {
          let plain: boolean;
          try {
            plain = RE2JS.compile(pattern).test(line);
          } catch {
            return;
          }
          const search = await compileSearch(pattern, true);
          expect(search.mayMatch(Buffer.from(line)) && search.matches(line)).toBe(plain);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
