import type { PolicyFacts } from '@steward/contracts';
import type { ReasonCode } from '../reasons.ts';

/** One word of a command after quoting is removed. */
export interface Token {
  readonly value: string;
  /** False when the value depends on something that is only known when the command runs. */
  readonly known: boolean;
  /** Unquoted glob characters: the shell replaces the word by file names. */
  readonly glob: boolean;
}

/** Why a command cannot be allowed silently. */
export interface Problem {
  readonly code: ReasonCode;
  readonly subject: string;
  /** A policy entry that repeats the whole command word by word lifts the problem. */
  readonly exactEntryLifts?: boolean;
  /** A policy entry that names at least this many words from the start lifts the problem. */
  readonly liftedByWords?: number;
}

/** What a command does to a file, as far as its words tell. */
export interface FileEffect {
  readonly capability: 'File.Read' | 'File.Write' | 'File.Delete';
  readonly token: Token;
  /** Folders the command may run in; empty when unknown. */
  readonly folders: readonly string[];
  readonly recursive: boolean;
  /**
   * `redirect` and `operand` are certain; `argument` looks like a path outside the folder; `mention` may be a path;
   * `folder` is where something runs.
   */
  readonly mode: 'redirect' | 'operand' | 'argument' | 'mention' | 'folder';
  readonly program: string;
  /** The target of a symbolic link; `unless alone` counts only where the text does more than make that link. */
  readonly link?: 'always' | 'unless alone';
}

/** One program start found in the text. */
export interface SimpleCommand {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** Some words of the text are left out of `tokens`, so that no entry repeats the command exactly. */
  readonly shortened?: boolean;
  /** `required`: an entry must name it; `transparent`: what it runs is judged instead; `neutral`: has no effect alone. */
  readonly listing: 'required' | 'transparent' | 'neutral';
  /** Index of the first word of the program that this one runs. */
  readonly innerAt?: number;
  /** Index of the word that names the script it runs, which blocks and rules mean like a program started directly. */
  readonly scriptAt?: number;
  /** Index of the command that runs this one; an entry that reaches beyond its wrapper covers this one, too. */
  readonly coveredBy?: number;
  readonly problems: Problem[];
  /** Known to change nothing and to reach nobody, whatever its words are. */
  readonly readOnly: boolean;
  readonly network: boolean;
}

/** Everything that the judgement of one command text needs. */
export interface CommandReport {
  readonly commands: SimpleCommand[];
  readonly effects: FileEffect[];
  readonly urls: { readonly url: Token; readonly program: string }[];
  /** Files whose content is run as commands or code. */
  readonly scripts: string[];
  readonly problems: Problem[];
}

/** State of the walk through one command text. */
export interface Walk {
  readonly report: CommandReport;
  readonly facts: PolicyFacts;
  /** Folders the next command may run in; empty when unknown. */
  folders: readonly string[];
  readonly functions: Set<string>;
  /** Script variables whose values are certain here. */
  variables: ReadonlyMap<string, Token>;
  /** Loop bodies that may still be walked once per value. */
  rounds: number;
  /** Depth of scripts inside words (`sh -c`, `eval`, substitutions). */
  depth: number;
  /** Number of programs that run the current one. */
  wrapping: number;
  /** Inside a loop or function, where text order is not run order. */
  repeated: boolean;
  /** Words stand for every file below them. */
  tree: boolean;
  /** What the command prints is another one's input. */
  feeds: boolean;
  /** Judges a text that a word hands to a shell. */
  readonly runText: (text: string, input?: ArgvContext['input']) => void;
  /** Judges a word list that another program runs. */
  readonly runWords: (tokens: readonly Token[], context: ArgvContext) => void;
}

/** Where a word list comes from and what it reads. */
export interface ArgvContext {
  /** What stands on standard input: nothing known, another program's output, or text of the command itself. */
  readonly input?:
    | {
        readonly kind: 'pipe';
        /** Names of files that a search below judged folders found. */ readonly names?: boolean;
      }
    | { readonly kind: 'text'; readonly text: string | undefined }
    | undefined;
  /** Index of the command that runs this one. */
  readonly coveredBy?: number;
  /** Already looked at as a program that runs others. */
  readonly ownProgram?: boolean;
}

/** Upper bounds; beyond them a command is too complex to be judged. */
export const limits = {
  length: 262_144,
  commands: 5_000,
  effects: 20_000,
  scriptDepth: 6,
  wrapping: 10,
  nestingWork: 2_000_000,
  nesting: 60,
  hereDocs: 200,
};

/** A word whose value is written in the text. */
export function plain(value: string): Token {
  return { value, known: true, glob: false };
}

/** The folders as seen by one command, kept apart from later changes. */
export function addEffect(
  walk: Walk,
  effect: Omit<FileEffect, 'folders' | 'recursive'> & { recursive?: boolean },
): void {
  if (walk.report.effects.length >= limits.effects) {
    if (walk.report.effects.length === limits.effects)
      addProblem(walk, { code: 'COMMAND_TOO_COMPLEX', subject: 'the command' });
    return;
  }
  const reads = effect.capability === 'File.Read';
  // Which of the files below are changed depends on tests that only run later.
  const isWhole = walk.tree && isBelow(effect.token);
  if (walk.tree && !reads && !isWhole)
    addProblem(walk, { code: 'PATH_UNCERTAIN', subject: `${effect.program} ${effect.token.value}`.slice(0, 200) });
  walk.report.effects.push({
    ...effect,
    recursive: (walk.tree && (reads || isWhole)) || effect.recursive === true,
    folders: walk.folders,
  });
}

/** Whether a word names a place below the folder that the command runs in: changing all of it is no more than that. */
export function isBelow({ value, known, glob }: Token): boolean {
  return known && !glob && /^(?:\.\/)?[\w@][^\\]*$/.test(value) && !value.split('/').includes('..');
}

/** Records a problem of the whole text once. */
export function addProblem(walk: Walk, problem: Problem): void {
  const known = walk.report.problems.some((each) => each.code === problem.code && each.subject === problem.subject);
  if (!known && walk.report.problems.length < 100) walk.report.problems.push(problem);
}

/** Adds a command and returns its index. */
export function addCommand(
  walk: Walk,
  command: Omit<SimpleCommand, 'text' | 'problems' | 'readOnly' | 'network'> &
    Partial<Pick<SimpleCommand, 'text' | 'problems' | 'readOnly' | 'network'>>,
): number {
  if (walk.report.commands.length >= limits.commands) {
    addProblem(walk, { code: 'COMMAND_TOO_COMPLEX', subject: 'the command' });
    return walk.report.commands.length - 1;
  }
  const text = command.text ?? command.tokens.map((token) => token.value).join(' ');
  walk.report.commands.push({ problems: [], readOnly: false, network: false, ...command, text });
  return walk.report.commands.length - 1;
}

const silentDevices = new Set([
  '/dev/null',
  '/dev/stdout',
  '/dev/stderr',
  '/dev/stdin',
  '/dev/zero',
  '/dev/random',
  '/dev/urandom',
]);

/** Whether a file name is one of the devices that hold nothing. */
export function isSilentDevice(path: string): boolean {
  return silentDevices.has(path);
}

/** A problem when a word is only known at run time. */
export function dynamicWords(tokens: readonly Token[]): Problem[] {
  const dynamic = tokens.find((token) => !token.known);
  return dynamic === undefined ? [] : [{ code: 'COMMAND_DYNAMIC', subject: dynamic.value.slice(0, 200) }];
}
