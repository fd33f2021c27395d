import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { simpleCommandWords } from '../../src/platform/simple-command.ts';

describe('simpleCommandWords', () => {
  it.each([
    ['npm test', ['npm', 'test']],
    ["git commit -m 'a b $c'", ['git', 'commit', '-m', 'a b $c']],
    ['  grep "x y"z  file.txt ', ['grep', 'x yz', 'file.txt']],
    ["node -e ''", ['node', '-e', '']],
  ])('takes %j apart', (command, words) => {
    expect(simpleCommandWords(command)).toEqual(words);
  });

  it.each([
    'a | b',
    'a && b',
    'a; b',
    'a > f',
    'echo $HOME',
    'echo "$x"',
    'ls *.ts',
    'cat ~/x',
    'A=1 b',
    'cd x',
    'if true',
    "'a b'",
    'a `b`',
    'a\nb',
    'a # b',
    'a {1,2}',
    'a "b',
    'a "\\n"',
    '',
    ' ',
  ])('leaves %j to a shell', (command) => {
    expect(simpleCommandWords(command)).toBeUndefined();
  });

  it('never takes words apart differently from bash', () => {
    const alphabet = fc.constantFrom(...Array.from('ab01 \t\'"$`\\*?~#;|&<>(){}[]!=-./:%+,^\n'));
    const commands = fc.sample(
      fc.array(alphabet, { maxLength: 14 }).map((each) => `prog ${each.join('')}`),
      20_000,
    );
    const simple = commands.flatMap((command) => {
      const words = simpleCommandWords(command);
      return words === undefined ? [] : [{ command, words }];
    });
    const script = simple.map(({ command }) => `${command}\nprintf '\\001'`).join('\n');

    const said = execFileSync('bash', ['--norc', '-c', `prog() { printf '%s\\0' prog "$@"; }\n${script}`], {
      encoding: 'utf8',
      maxBuffer: 1e8,
    });

    expect(simple.length).toBeGreaterThan(200);
    expect(said.split('\u0001').slice(0, -1)).toEqual(
      simple.map(({ words }) => words.map((word) => `${word}\0`).join('')),
    );
  });
});
