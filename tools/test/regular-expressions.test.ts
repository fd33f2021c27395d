import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { filesMatching } from './documents/source-files.ts';
import { regularExpressionsOf } from './regular-expressions/literals.ts';
import { slowParts } from './regular-expressions/slow-parts.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** Where text of the model, of repositories, of the network or of policies passes. */
const shipped = /^(?:platform|backend-|agent-runtime\/(?:agent-host|tool-runtime|app))[^:]*\/src\/.*\.ts$/;
const found = filesMatching(root, shipped)
  .filter(({ path }) => !/\/(?:generated|test-support)\//.test(path))
  .map(regularExpressionsOf);
/** What no hostile text reaches, and why it is as it is. */
const explained: Readonly<Record<string, string>> = {
  'platform/service-kit/src/storage/table-keys.ts':
    'It looks at expressions that our own repositories write, and its last part fits the end of every text.',
};
const literals = found.flatMap((each) => each.literals);

/** Patterns of the contracts, which every request and message is checked by. */
const patterns = filesMatching(root, /^platform\/contracts\/(?:schemas|openapi)\/.*\.yaml$/).flatMap(({ path, text }) =>
  [...text.matchAll(/\bpattern: '([^']+)'/g)].map(([, pattern = '']) => ({ path, text: `/${pattern}/u` })),
);

describe('the check of regular expressions', () => {
  it.each([
    ['parts that take characters from each other', '/^[a-z]*e[a-z]*$/'],
    ['repetitions of repetitions', '/^(?:a+)+$/'],
    ['a repetition that is begun at every character', '/\\n+$/'],
    ['a repetition whose beginning may stand inside of it', '/-flags.*(?:plugin|wrapper)/'],
    ['the same with a limit that is high', '/eyJ[A-Za-z0-9_-]{10,4000}\\./g'],
  ])('finds %s', (_what, literal) => {
    expect(slowParts(literal)).not.toEqual([]);
  });

  it.each([
    ['a search that is bound to the start', '/^-flags=[a-z]*$/'],
    ['a repetition that its own beginning ends', '/"name":"([^"]*)"/'],
    ['a repetition with a low limit', '/\\bkey-[a-z0-9-]{20,64}\\b/g'],
    ['a repetition that begins once per run', '/(?<![a-z])x[a-z]*!/'],
  ])('lets pass %s', (_what, literal) => {
    expect(slowParts(literal)).toEqual([]);
  });
});

describe('regular expressions that hostile text reaches', () => {
  it('are found', () => {
    expect(literals.length).toBeGreaterThan(250);
    expect(patterns.length).toBeGreaterThan(20);
  });

  it('take time linear in the length of the text, every one of them', () => {
    const slow = literals
      .filter(({ path }) => explained[path] === undefined)
      .flatMap(({ path, text }) => slowParts(text).map((part) => `${path}: ${part} in ${text}`));

    expect(slow).toEqual([]);
  });

  it('are all written down: none is made of a text at run time', () => {
    expect(found.flatMap(({ made }) => made)).toEqual([]);
  });
});
