import {
  addCommand,
  addEffect,
  dynamicWords,
  type ArgvContext,
  type Problem,
  type Token,
  type Walk,
} from './report.ts';
import { applyKnowledge } from './operands.ts';
import { bareName, knowledgeOf } from './programs.ts';
import { archiveEffects } from './archives.ts';
import { inspectArguments } from './arguments.ts';
import { inspectGit } from './git.ts';
import { inspectSubcommand } from './subcommands.ts';
import { inspectInterpreter, isInterpreter } from './interpreters.ts';
import { isWrapper, unwrap } from './wrappers.ts';
import { forgetVariables } from './variables.ts';
import { changeFolder, inspectBuiltin, isBuiltin } from './builtins.ts';

/** Programs without any effect of their own; a command of nothing else still needs an entry. */
const neutral = new Set(': true false exit return break continue wait shift test [ type'.split(' '));

/** Whether a name means something to the engine, so that a function of that name would mislead it. */
export function isKnownName(name: string): boolean {
  return (
    knowledgeOf(name) !== undefined ||
    isWrapper(name) ||
    isInterpreter(name) ||
    isBuiltin(name) ||
    name === 'git' ||
    name === 'cd'
  );
}

/** Judges one word list: what it starts, what files its words name, and what cannot be known. */
export function analyseArgv(tokens: readonly Token[], walk: Walk, context: ArgvContext): void {
  const [first] = tokens;
  if (first === undefined) return;
  const covered = context.coveredBy === undefined ? {} : { coveredBy: context.coveredBy };
  if (!first.known || first.glob || first.value === '') {
    const problem: Problem = { code: 'COMMAND_DYNAMIC', subject: first.value || 'an empty program name' };
    addCommand(walk, { tokens, listing: 'required', problems: [problem], ...covered });
    return;
  }
  const program = first.value;
  if (walk.functions.has(program)) {
    forgetVariables(walk);
    addCommand(walk, { tokens, listing: 'neutral', problems: [...dynamicWords(tokens)], ...covered });
    return;
  }
  const name = bareName(program);
  if (name === undefined) {
    addCommand(walk, { tokens, listing: 'required', problems: [...dynamicWords(tokens)], ...covered });
    addEffect(walk, { capability: 'File.Read', token: first, mode: 'argument', program });
    walk.report.scripts.push(program);
    applyKnowledge(tokens, undefined, walk);
    return;
  }
  const from = { ...context, ...covered };
  if (name === 'cd') return changeFolder(tokens, walk, covered);
  if (isWrapper(name) && context.ownProgram !== true) return unwrap(name, tokens, walk, from);
  if (isInterpreter(name)) return inspectInterpreter(name, tokens, walk, from);
  if (isBuiltin(name)) return inspectBuiltin(name, tokens, walk, covered);
  if (name === 'git') return analyseGit(tokens, walk, covered);
  const known = knowledgeOf(name);
  const fed = feeds.has(name) && context.input !== undefined;
  const problems: Problem[] = [
    ...dynamicWords(tokens),
    ...(fed ? [fedProblem(name)] : []),
    ...inspectSubcommand(name, tokens),
    ...inspectArguments(name, tokens),
  ];
  if (name === 'tar' || name === 'bsdtar' || name === 'zip') archiveEffects(name, tokens, walk);
  const effects = applyKnowledge(tokens, known, walk);
  problems.push(...effects.problems);
  const listing =
    neutral.has(name) && problems.length === 0 && tokens.every((token) => token.known) ? 'neutral' : 'required';
  const readOnly = known?.readOnly === true && problems.length === 0;
  addCommand(walk, { tokens, listing, problems, readOnly, network: isNetwork(name, tokens), ...covered });
}

/** Programs that take orders from their input. */
const feeds = new Set([
  'sqlite3',
  'psql',
  'mysql',
  'mariadb',
  'bc',
  'dc',
  'at',
  'batch',
  'ftp',
  'crontab',
  'debugfs',
  'parted',
  'fdisk',
  'gnuplot',
  'octave',
  'm4',
  'redis-cli',
  'kubectl',
]);

function fedProblem(name: string): Problem {
  return { code: 'COMMAND_INLINE_CODE', subject: `${name} reads its commands from its input`, exactEntryLifts: false };
}

function analyseGit(tokens: readonly Token[], walk: Walk, covered: { coveredBy?: number }): void {
  const git = inspectGit(tokens);
  const before = walk.folders;
  for (const folder of git.folders) {
    addEffect(walk, { capability: 'File.Read', token: folder, mode: 'folder', program: 'git' });
    if (!folder.known || folder.glob) walk.folders = [];
    else
      walk.folders = walk.folders.map((base) =>
        folder.value.startsWith('/') ? folder.value : `${base}/${folder.value}`,
      );
  }
  applyKnowledge(git.tokens, undefined, walk);
  walk.folders = before;
  const text = tokens.map((token) => token.value).join(' ');
  const problems = [...git.problems, ...dynamicWords(tokens)];
  const readOnly = git.readOnly && problems.length === 0;
  addCommand(walk, {
    tokens: git.tokens,
    text,
    shortened: git.tokens.length < tokens.length,
    listing: 'required',
    problems,
    readOnly,
    network: git.network,
    ...covered,
  });
}

const packageNetwork =
  /^(?:install|i|ci|add|update|upgrade|up|publish|view|outdated|audit|login|adduser|dlx|create|init|search|download|fetch|get|pull|push|exec|x|link|info|show)$/;
const packageManagers = new Set([
  'npm',
  'pnpm',
  'yarn',
  'bun',
  'cargo',
  'go',
  'gem',
  'bundle',
  'composer',
  'poetry',
  'uv',
  'pipenv',
  'conda',
  'brew',
  'apt',
  'apt-get',
  'dnf',
  'yum',
  'apk',
  'docker',
  'podman',
  'helm',
  'kubectl',
  'terraform',
]);

/** Whether the command is known to reach the network. */
function isNetwork(name: string, tokens: readonly Token[]): boolean {
  if (knowledgeOf(name)?.network === true) return true;
  return packageManagers.has(name) && tokens.slice(1, 4).some((token) => packageNetwork.test(token.value));
}
