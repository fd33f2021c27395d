import { parse } from 'unbash';
import type { Platform } from '../paths.ts';
import { remembered } from '../remembered.ts';
import type { Token } from './report.ts';

/** Words of a policy entry; undefined when it is not a list of plain words. */
export const entryWords: (entry: string) => readonly string[] | undefined = remembered(parseEntry);

function parseEntry(entry: string): readonly string[] | undefined {
  if (/^[\w@%+=:,./-]+(?: +[\w@%+=:,./-]+)*$/.test(entry)) return entry.split(/ +/);
  const script = parse(entry);
  const node = script.commands[0]?.command;
  if ((script.errors?.length ?? 0) > 0 || script.commands.length !== 1 || node?.type !== 'Command') return undefined;
  if (script.commands[0]?.background || node.redirects.length > 0 || node.prefix.length > 0 || node.name === undefined)
    return undefined;
  const words: string[] = [node.name.value];
  for (const arg of node.args) {
    if (arg.type === 'Word' && arg.parts?.some((part) => !isPlainPart(part))) return undefined;
    words.push(arg.type === 'Word' ? arg.value : arg.text);
  }
  return words;
}

function isPlainPart(part: { type: string; parts?: readonly { type: string }[] | undefined }): boolean {
  if (part.type === 'DoubleQuoted') return (part.parts ?? []).every((child) => child.type === 'Literal');
  return part.type === 'Literal' || part.type === 'SingleQuoted';
}

/** How many words an allowing entry covers: all of its own, literally, from the start; 0 when it does not match. */
export function coveredWords(entry: readonly string[], tokens: readonly Token[]): number {
  if (entry.length === 0 || entry.length > tokens.length) return 0;
  return entry.every((word, i) => isWord(tokens[i], word)) ? entry.length : 0;
}

function isWord(token: Token | undefined, word: string): boolean {
  return token !== undefined && token.known && !token.glob && token.value === word;
}

/**
 * Whether a block or rule entry means this command. Broader than granting: the program by its last path part, options
 * in between, in other order or in clusters, and other letter case where the platform's files ignore it.
 */
export function meansCommand(entry: readonly string[], tokens: readonly Token[], platform: Platform): boolean {
  const [program, ...words] = entry;
  const [first, ...rest] = tokens;
  if (program === undefined || first === undefined || !first.known) return false;
  if (programName(first.value, platform) !== programName(program, platform)) return false;
  // The first word after git is its subcommand, and this one is no push.
  if (program === 'git' && words[0] === 'push' && rest[0]?.value === 'stash') return false;
  let letters: Set<string> | undefined;
  let at = 0;
  for (const word of words) {
    if (/^-[a-zA-Z]+$/.test(word)) {
      letters ??= shortLetters(rest);
      const given = letters;
      const spelled = [...word.slice(1)].every(
        (letter) => given.has(letter) || longGiven(program, words, letter, rest),
      );
      if (!spelled && !rest.some((token) => token.value === word)) return false;
    } else if (word.startsWith('--')) {
      const letter = shortOf.get(`${program} ${word}`) ?? shortOf.get(`${program} ${words[0] ?? ''} ${word}`);
      letters ??= shortLetters(rest);
      const forced = word === '--force' && words[0] === 'push' && rest.some((token) => token.value.startsWith('+'));
      const short = forced || (letter !== undefined && letters.has(letter));
      if (!short && !rest.some((token) => isLongOption(token.value, word))) return false;
    } else {
      while (at < rest.length && rest[at]?.value !== word) at++;
      if (at >= rest.length) return false;
      at++;
    }
  }
  return true;
}

/** Long spellings of the short options that block entries usually name, and the other way round. */
const longOf: ReadonlyMap<string, readonly string[]> = new Map([
  ['rm r', ['--recursive', '-R']],
  ['rm R', ['--recursive', '-r']],
  ['rm f', ['--force']],
  ['cp r', ['--recursive', '-R', '-a', '--archive']],
  ['chmod R', ['--recursive']],
  ['chown R', ['--recursive']],
  ['git push f', ['--force', '--force-with-lease']],
  ['git push d', ['--delete']],
  ['git clean f', ['--force']],
  ['git branch D', ['--delete']],
  ['git commit n', ['--no-verify']],
  ['docker run v', ['--volume']],
]);
const shortOf: ReadonlyMap<string, string> = new Map(
  [...longOf].flatMap(([short, longs]) =>
    longs
      .filter((long) => long.startsWith('--'))
      .map((long): [string, string] => [short.replace(/.$/, long), short.at(-1) ?? '']),
  ),
);

function longGiven(program: string, words: readonly string[], letter: string, rest: readonly Token[]): boolean {
  const verb = words.find((word) => !word.startsWith('-'));
  const longs = [
    ...(longOf.get(`${program} ${letter}`) ?? []),
    ...(longOf.get(`${program} ${verb ?? ''} ${letter}`) ?? []),
  ];
  return longs.some((long) =>
    long.startsWith('--')
      ? rest.some((token) => isLongOption(token.value, long))
      : rest.some((token) => /^-[A-Za-z]+$/.test(token.value) && token.value.includes(long.slice(1))),
  );
}

/** Whether a word gives the long option, in full, with a value, or shortened as getopt permits. */
function isLongOption(word: string, option: string): boolean {
  if (!word.startsWith('--') || word.length < 4) return false;
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  return name === option || (name.length < option.length && option.startsWith(name));
}

function shortLetters(tokens: readonly Token[]): Set<string> {
  const letters = new Set<string>();
  for (const token of tokens) {
    if (token.value.length < 50 && /^-[a-zA-Z]/.test(token.value))
      for (const letter of token.value.slice(1)) letters.add(letter);
  }
  return letters;
}

/** A program by its last path part, folded as the platform's files are; without the endings that Windows adds. */
export function programName(program: string, platform: Platform): string {
  const slash = program.lastIndexOf('/');
  const last = program.slice((platform === 'win32' ? Math.max(slash, program.lastIndexOf('\\')) : slash) + 1);
  if (platform === 'linux') return last;
  const folded = last.normalize('NFC').toLowerCase();
  return platform === 'win32' ? folded.replace(/\.(?:exe|cmd|bat|com|ps1|psm1|vbs|js|msc|lnk)$/, '') : folded;
}
