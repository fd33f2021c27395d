import { rememberedLists } from '../remembered.ts';
import type { Platform } from '../paths.ts';
import { entryWords, coveredWords, meansCommand, programName } from './match.ts';
import { bareName } from './programs.ts';
import type { SimpleCommand, Token } from './report.ts';

type Words = readonly string[];

interface BlockList {
  /** Entries by the name of their program, so that a command is compared with the few that could mean it. */
  readonly byProgram: ReadonlyMap<string, readonly Words[]>;
  /** Entries that are no list of words. */
  readonly texts: readonly string[];
}

const blockListOf = rememberedLists((list, platform: Platform): BlockList => {
  const byProgram = new Map<string, Words[]>();
  const texts: string[] = [];
  for (const text of list) {
    const words = entryWords(text);
    const [program] = words ?? [];
    if (words === undefined || program === undefined) texts.push(text);
    else add(byProgram, programName(program, platform), words);
  }
  return { byProgram, texts };
});

const grantListOf = rememberedLists((list, _: 'grant'): ReadonlyMap<string, readonly Words[]> => {
  const byWord = new Map<string, Words[]>();
  for (const text of list) {
    const words = entryWords(text);
    if (words?.[0] !== undefined) add(byWord, words[0], words);
  }
  return byWord;
});

function add(map: Map<string, Words[]>, key: string, words: Words): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [words]);
  else known.push(words);
}

/** The most words that an entry of an allowing list covers of a command; 0 when none names it. */
export function mostCovered(list: readonly string[], tokens: readonly Token[]): number {
  const [first] = tokens;
  if (first === undefined) return 0;
  const entries = grantListOf(list, 'grant').get(first.value) ?? [];
  return entries.reduce((most, entry) => Math.max(most, coveredWords(entry, tokens)), 0);
}

/**
 * Whether an entry of a blocking list or a rule means the command. Where the command runs what its words say, any run
 * of words could be the one that is meant; a script that an interpreter is handed counts as a program, too.
 */
export function listMeans(
  list: readonly string[],
  command: SimpleCommand,
  platform: Platform,
  how: { readonly anyPart: boolean },
): boolean {
  const { byProgram } = blockListOf(list, platform);
  if (meansOne(byProgram, command.tokens, platform)) return true;
  const { scriptAt } = command;
  if (scriptAt !== undefined && meansOne(byProgram, command.tokens.slice(scriptAt), platform)) return true;
  if (!how.anyPart || byProgram.size === 0) return false;
  const scanned = command.tokens.slice(0, 60);
  for (let from = 1; from < scanned.length; from++) {
    // Further words are programs only when they look like one: a bare name or one in a system folder.
    const word = scanned[from]?.value ?? '';
    if (platform !== 'win32' && bareName(word) === undefined) continue;
    if (byProgram.has(programName(word, platform)) && meansOne(byProgram, scanned.slice(from), platform)) return true;
  }
  return false;
}

/** Whether an entry that is no list of words occurs in the command's text. */
export function textOccurs(list: readonly string[], command: SimpleCommand, platform: Platform): boolean {
  return blockListOf(list, platform).texts.some((text) => command.text.includes(text));
}

function meansOne(byProgram: BlockList['byProgram'], tokens: readonly Token[], platform: Platform): boolean {
  const [first] = tokens;
  if (first === undefined || !first.known) return false;
  const entries = byProgram.get(programName(first.value, platform)) ?? [];
  return entries.some((entry) => meansCommand(entry, tokens, platform));
}
