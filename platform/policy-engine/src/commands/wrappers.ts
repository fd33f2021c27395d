import { bareName, knowledgeOf } from './programs.ts';
import { applyKnowledge } from './operands.ts';
import { checkVariable } from './environment.ts';
import { parseOptions, type OptionSyntax } from './options.ts';
import {
  addCommand,
  addEffect,
  addProblem,
  dynamicWords,
  plain,
  type ArgvContext,
  type Problem,
  type Token,
  type Walk,
  isBelow,
} from './report.ts';

interface Wrapper extends OptionSyntax {
  /** `transparent` wrappers add nothing to what they run; the others need an entry of their own as well. */
  readonly listing: 'transparent' | 'required';
  /** Words between the options and the program (a duration, a host). */
  readonly skip?: number;
  /** `NAME=value` words before the program set variables. */
  readonly variables?: boolean;
  /** The program gets further words that are only known at run time. */
  readonly addsWords?: boolean;
  /** Words are joined and read by a shell. */
  readonly joins?: boolean;
  /** Options whose value is a script. */
  readonly scriptOptions?: readonly string[];
  /** Options that are harmless; every other one makes the wrapper uncertain. */
  readonly flags?: string;
  readonly longFlags?: readonly string[];
  readonly network?: boolean;
}

const wrappers: ReadonlyMap<string, Wrapper> = new Map<string, Wrapper>([
  [
    'env',
    {
      listing: 'transparent',
      variables: true,
      valueShort: 'uCS',
      valueLong: ['unset', 'chdir', 'split-string'],
      flags: 'i0vu',
      longFlags: ['ignore-environment', 'null', 'debug', 'unset'],
      scriptOptions: ['S', 'split-string'],
    },
  ],
  [
    'timeout',
    {
      listing: 'transparent',
      skip: 1,
      valueShort: 'ks',
      valueLong: ['kill-after', 'signal'],
      flags: 'ksv',
      longFlags: ['kill-after', 'signal', 'foreground', 'preserve-status', 'verbose'],
    },
  ],
  ['gtimeout', { listing: 'transparent', skip: 1, valueShort: 'ks', flags: 'ksv' }],
  [
    'nice',
    {
      listing: 'transparent',
      valueShort: 'n',
      valueLong: ['adjustment'],
      flags: 'n0123456789',
      longFlags: ['adjustment'],
    },
  ],
  ['ionice', { listing: 'transparent', valueShort: 'cn', flags: 'cnt' }],
  ['nohup', { listing: 'transparent' }],
  ['time', { listing: 'transparent', valueShort: 'f', flags: 'pvaf' }],
  [
    'stdbuf',
    {
      listing: 'transparent',
      valueShort: 'ioe',
      valueLong: ['input', 'output', 'error'],
      flags: 'ioe',
      longFlags: ['input', 'output', 'error'],
    },
  ],
  ['setsid', { listing: 'transparent', flags: 'cfw' }],
  ['chronic', { listing: 'transparent' }],
  ['unbuffer', { listing: 'transparent', flags: 'p' }],
  ['exec', { listing: 'transparent', flags: 'cl' }],
  ['command', { listing: 'transparent' }],
  ['builtin', { listing: 'transparent' }],
  ['caffeinate', { listing: 'transparent', flags: 'dimsu' }],
  [
    'sudo',
    {
      listing: 'required',
      variables: true,
      valueShort: 'ugpCDRTrthU',
      flags: 'ugpCEHnkSbPhU',
      longFlags: ['non-interactive', 'preserve-env'],
    },
  ],
  ['doas', { listing: 'required', valueShort: 'uC', flags: 'un' }],
  ['pkexec', { listing: 'required' }],
  ['su', { listing: 'required', valueShort: 'cgGsw', scriptOptions: ['c', 'command'] }],
  ['runuser', { listing: 'required', valueShort: 'ucgG', scriptOptions: ['c', 'command'] }],
  [
    'xargs',
    {
      listing: 'transparent',
      addsWords: true,
      valueShort: 'InPLsdEa',
      valueLong: ['max-args', 'max-procs', 'replace', 'delimiter', 'max-lines', 'arg-file'],
      flags: '0rtxInPLsdE',
      longFlags: [
        'null',
        'no-run-if-empty',
        'verbose',
        'max-args',
        'max-procs',
        'delimiter',
        'max-lines',
        'replace',
        'exit',
      ],
    },
  ],
  ['parallel', { listing: 'required', joins: true, addsWords: true, valueShort: 'jNn' }],
  ['watch', { listing: 'required', joins: true, valueShort: 'n', flags: 'nde' }],
  [
    'ssh',
    {
      listing: 'required',
      skip: 1,
      joins: true,
      valueShort: 'BbcDEeFIiJLlmOopQRSWw',
      flags: 'pilvqtTnC',
      network: true,
    },
  ],
  [
    'npx',
    {
      listing: 'required',
      valueShort: 'pc',
      valueLong: ['package', 'call'],
      flags: 'yq',
      longFlags: ['yes', 'no', 'no-install', 'quiet', 'prefer-offline', 'offline'],
      scriptOptions: ['c', 'call'],
      network: true,
    },
  ],
  ['bunx', { listing: 'required', valueShort: 'p', longFlags: ['bun'], network: true }],
  ['pipx', { listing: 'required', skip: 1, network: true }],
  ['uvx', { listing: 'required', network: true }],
  ['flock', { listing: 'required', skip: 1, valueShort: 'cwE', scriptOptions: ['c', 'command'], flags: 'nxsuwE' }],
  ['script', { listing: 'required', valueShort: 'c', scriptOptions: ['c', 'command'] }],
  ['strace', { listing: 'required', valueShort: 'abeEoOpPsSuX', flags: 'fcCtTvqe' }],
  ['ltrace', { listing: 'required', valueShort: 'aeElosu' }],
  ['chroot', { listing: 'required', skip: 1 }],
  ['unshare', { listing: 'required' }],
  ['nsenter', { listing: 'required' }],
  ['setpriv', { listing: 'required' }],
  ['systemd-run', { listing: 'required' }],
  ['chrt', { listing: 'required', skip: 1 }],
  ['taskset', { listing: 'required', skip: 1 }],
  ['busybox', { listing: 'required' }],
  ['toybox', { listing: 'required' }],
  ['xvfb-run', { listing: 'required', valueShort: 'nsefpw' }],
  ['dotenv', { listing: 'required' }],
  ['cross-env', { listing: 'transparent', variables: true }],
  ['entr', { listing: 'required' }],
  ['find', { listing: 'required' }],
]);

const shells = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'mksh', 'rbash', 'fish', 'csh', 'tcsh', 'pwsh']);
const packageRunners: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['npm', new Set(['exec', 'x'])],
  ['pnpm', new Set(['dlx', 'exec'])],
  ['yarn', new Set(['dlx', 'exec'])],
  ['bun', new Set(['x'])],
  ['poetry', new Set(['run'])],
  ['pipenv', new Set(['run'])],
  ['uv', new Set(['run'])],
  ['bundle', new Set(['exec'])],
  ['pipx', new Set(['run'])],
]);

/** Whether the program runs another one that its words name. */
export function isWrapper(name: string): boolean {
  return wrappers.has(name) || shells.has(name) || packageRunners.has(name) || name === 'eval';
}

/** Records the wrapper and judges what it runs. */
export function unwrap(name: string, tokens: readonly Token[], walk: Walk, context: ArgvContext): void {
  const covered = context.coveredBy === undefined ? {} : { coveredBy: context.coveredBy };
  if (name === 'eval') return unwrapEval(tokens, walk, covered);
  if (name === 'find') return unwrapFind(tokens, walk, covered);
  if (shells.has(name)) return unwrapShell(name, tokens, walk, context, covered);
  const runner = packageRunners.get(name);
  if (runner !== undefined) return unwrapPackageRunner(runner, tokens, walk, covered);
  unwrapPlain(name, wrappers.get(name) ?? { listing: 'required' }, tokens, walk, context, covered);
}

type Covered = { readonly coveredBy?: number };

function unwrapPlain(
  name: string,
  wrapper: Wrapper,
  tokens: readonly Token[],
  walk: Walk,
  context: ArgvContext,
  covered: Covered,
): void {
  const bare = parseOptions(tokens, 1, { ...wrapper, stopAtOperand: true });
  const problems: Problem[] = [];
  if (name === 'command' && bare.options.some((option) => option.name === 'v' || option.name === 'V')) {
    addCommand(walk, { tokens, listing: 'required', readOnly: true, problems: dynamicWords(tokens), ...covered });
    return;
  }
  for (const option of bare.options) {
    if (wrapper.scriptOptions?.includes(option.name)) {
      problems.push({ code: 'COMMAND_INLINE_CODE', subject: `${name} -${option.name}`, exactEntryLifts: true });
      if (option.value?.known) walk.runText(option.value.value);
    } else if (name === 'env' && (option.name === 'C' || option.name === 'chdir') && option.value !== undefined) {
      enterFolder(option.value, walk);
    } else if (name === 'env' && (option.name === 'u' || option.name === 'unset')) {
      checkVariable(option.value?.value ?? '', walk, false);
    } else if (
      !(option.name.length === 1
        ? (wrapper.flags ?? '').includes(option.name)
        : (wrapper.longFlags ?? []).includes(option.name))
    ) {
      problems.push({
        code: 'COMMAND_ARGUMENT_UNCERTAIN',
        subject: `${name} ${option.name.length === 1 ? '-' : '--'}${option.name}`,
        exactEntryLifts: true,
      });
    }
  }
  let at = bare.operandAt + (wrapper.skip ?? 0);
  if (wrapper.variables) {
    for (; at < tokens.length; at++) {
      const variable = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(tokens[at]?.value ?? '')?.[1];
      if (variable === undefined) break;
      checkVariable(variable, walk, false);
    }
  }
  const inner = tokens.slice(at);
  problems.push(...dynamicWords(tokens.slice(0, at)));
  if (inner.length === 0) {
    if (name === 'parallel' || name === 'script')
      problems.push({
        code: 'COMMAND_INLINE_CODE',
        subject: `${name} reads its commands from its input`,
        exactEntryLifts: context.input === undefined,
      });
    if (name === 'ssh' && tokens.length > 1)
      problems.push({
        code: 'COMMAND_ARGUMENT_UNCERTAIN',
        subject: `ssh ${tokens.at(-1)?.value ?? ''}`.slice(0, 200),
        liftedByWords: 2,
      });
    applyKnowledge(tokens, undefined, walk);
    addCommand(walk, { tokens, listing: 'required', problems, network: wrapper.network === true, ...covered });
    return;
  }
  const index = addCommand(walk, {
    tokens,
    listing: wrapper.listing,
    innerAt: at,
    problems,
    network: wrapper.network === true,
    ...covered,
  });
  if (wrapper.joins) {
    if (inner.every((token) => token.known)) walk.runText(inner.map((token) => token.value).join(' '));
    else addProblem(walk, { code: 'COMMAND_DYNAMIC', subject: name });
    return;
  }
  const words =
    wrapper.addsWords && !takesAnyWord(inner, context) ? [...inner, { value: '…', known: false, glob: false }] : inner;
  walk.runWords(words, { input: wrapper.addsWords ? { kind: 'pipe' } : context.input, coveredBy: index });
}

/** Whether further words can only be read or printed: names that a search of the project found, or mere text. */
function takesAnyWord(inner: readonly Token[], context: ArgvContext): boolean {
  const program = bareName(inner[0]?.value ?? '') ?? '';
  const known = knowledgeOf(program);
  if (inner.some((token) => !token.known) || known === undefined) return false;
  if (known.printOnly === true && program !== 'test' && program !== '[' && program !== 'printf') return true;
  const plainReader =
    known.readOnly === true &&
    known.operands === 'read' &&
    known.runOptions === undefined &&
    known.writeOptions === undefined;
  return plainReader && context.input?.kind === 'pipe' && context.input.names === true;
}

function enterFolder(folder: Token, walk: Walk): void {
  addEffect(walk, { capability: 'File.Read', token: folder, mode: 'folder', program: 'env' });
  addProblem(walk, { code: 'PATH_UNCERTAIN', subject: folder.value });
}

function unwrapEval(tokens: readonly Token[], walk: Walk, covered: Covered): void {
  const words = tokens.slice(1);
  addCommand(walk, { tokens, listing: 'transparent', problems: dynamicWords(tokens), ...covered });
  if (words.every((token) => token.known)) walk.runText(words.map((token) => token.value).join(' '));
}

function unwrapPackageRunner(runs: ReadonlySet<string>, tokens: readonly Token[], walk: Walk, covered: Covered): void {
  const verbAt = tokens.findIndex((token, i) => i > 0 && !token.value.startsWith('-'));
  const verb = tokens[verbAt];
  const name = tokens[0]?.value ?? '';
  if (verb === undefined || !verb.known || !runs.has(verb.value))
    return walk.runWords(tokens, { ...covered, ownProgram: true });
  const parsed = parseOptions(tokens, verbAt + 1, {
    stopAtOperand: true,
    valueShort: 'pc',
    valueLong: ['package', 'call'],
  });
  const problems: Problem[] = [...dynamicWords(tokens.slice(0, parsed.operandAt))];
  for (const option of parsed.options) {
    if (option.name === 'c' || option.name === 'call') {
      problems.push({ code: 'COMMAND_INLINE_CODE', subject: `${name} ${verb.value} --call`, exactEntryLifts: true });
      if (option.value?.known) walk.runText(option.value.value);
    } else if (!['y', 'yes', 'no', 'q', 'quiet', 'no-install', 'offline'].includes(option.name)) {
      problems.push({
        code: 'COMMAND_ARGUMENT_UNCERTAIN',
        subject: `${name} ${verb.value} ${option.name}`,
        exactEntryLifts: true,
      });
    }
  }
  if (verbAt > 1)
    problems.push({
      code: 'COMMAND_ARGUMENT_UNCERTAIN',
      subject: `${name} ${tokens[1]?.value ?? ''}`,
      exactEntryLifts: true,
    });
  const inner = tokens.slice(parsed.operandAt);
  const shape = inner.length === 0 ? {} : { innerAt: parsed.operandAt };
  const index = addCommand(walk, { tokens, listing: 'required', problems, network: true, ...shape, ...covered });
  if (inner.length > 0) walk.runWords(inner, { coveredBy: index });
}

function unwrapShell(name: string, tokens: readonly Token[], walk: Walk, context: ArgvContext, covered: Covered): void {
  // `+x` switches an option off and stands where options stand.
  const spelled = tokens.map((token) =>
    /^\+[A-Za-z]/.test(token.value) ? { ...token, value: `-${token.value.slice(1)}` } : token,
  );
  const parsed = parseOptions(spelled, 1, {
    stopAtOperand: true,
    valueShort: 'oO',
    valueLong: ['rcfile', 'init-file'],
  });
  const problems: Problem[] = [...dynamicWords(tokens)];
  const hasScript = parsed.options.some((option) => option.name === 'c' || option.name === 'command');
  for (const option of parsed.options) {
    if (!['c', 'l', 'e', 'u', 'x', 'n', 'f', 'o', 'login', 'norc', 'noprofile', 'posix', 's'].includes(option.name)) {
      problems.push({ code: 'COMMAND_ARGUMENT_UNCERTAIN', subject: `${name} -${option.name}`, exactEntryLifts: true });
    }
  }
  if (!['sh', 'bash', 'dash', 'ash'].includes(name))
    problems.push({ code: 'COMMAND_SHELL_UNCERTAIN', subject: name, exactEntryLifts: true });
  const [script] = parsed.operands;
  if (hasScript) {
    addCommand(walk, { tokens, listing: 'transparent', problems, ...covered });
    if (script === undefined) addProblem(walk, { code: 'COMMAND_UNPARSEABLE', subject: `${name} -c without a script` });
    else if (script.known) walk.runText(script.value, context.input);
    return;
  }
  const readsInput =
    script === undefined ||
    parsed.options.some((option) => option.name === 's') ||
    script.value === '-' ||
    script.value === '/dev/stdin';
  if (readsInput && !tokens.some((token) => token.value === '--version' || token.value === '--help')) {
    problems.push({
      code: 'COMMAND_INLINE_CODE',
      subject: `${name} reads its commands from its input`,
      exactEntryLifts: context.input === undefined,
    });
    if (context.input?.kind === 'text' && context.input.text !== undefined) walk.runText(context.input.text);
  } else if (script !== undefined) {
    addEffect(walk, { capability: 'File.Read', token: script, mode: 'operand', program: name });
    walk.report.scripts.push(script.value);
  }
  // A script that is not in the folder is looked for among the programs.
  const searched = script !== undefined && !readsInput && !script.value.includes('/');
  const at = script === undefined || readsInput ? -1 : spelled.indexOf(script);
  const places = at < 0 ? {} : { scriptAt: at, ...(searched ? { innerAt: at } : {}) };
  addCommand(walk, { tokens, listing: 'required', problems, ...places, ...covered });
}

const findRuns = new Set(['-exec', '-execdir', '-ok', '-okdir']);
const findWrites = new Set(['-fprint', '-fprint0', '-fprintf', '-fls']);

function unwrapFind(tokens: readonly Token[], walk: Walk, covered: Covered): void {
  const problems: Problem[] = [...dynamicWords(tokens)];
  let at = 1;
  while (['-H', '-L', '-P'].includes(tokens[at]?.value ?? '') || /^-O\d?$/.test(tokens[at]?.value ?? '')) {
    if (tokens[at]?.value === '-L') problems.push({ code: 'PATH_UNCERTAIN', subject: 'find -L' });
    at++;
  }
  const roots: Token[] = [];
  for (; at < tokens.length && !/^[-(!),]/.test(tokens[at]?.value ?? ''); at++) {
    const token = tokens[at];
    if (token !== undefined) roots.push(token);
  }
  if (roots.length === 0) roots.push(plain('.'));
  for (const token of roots) {
    if (token.glob && /^[*?[]/.test(token.value)) problems.push({ code: 'COMMAND_DYNAMIC', subject: token.value });
    addEffect(walk, { capability: 'File.Read', token, mode: 'operand', program: 'find', recursive: true });
  }
  const inner: Token[][] = [];
  const named: Token[] = [];
  for (; at < tokens.length; at++) {
    const word = tokens[at]?.value ?? '';
    if (/^-(?:i?name|i?path|i?wholename)$/.test(word)) {
      const pattern = tokens[++at];
      if (pattern?.known === true && tokens[at - 2]?.value !== '-not' && tokens[at - 2]?.value !== '!')
        named.push(pattern);
    } else if (/^-(?:newer\w*|[ac]newer|samefile)$/.test(word)) {
      const other = tokens[++at];
      if (other !== undefined)
        addEffect(walk, { capability: 'File.Read', token: other, mode: 'operand', program: 'find' });
    } else if (findRuns.has(word)) {
      const end = endOfExec(tokens, at + 1);
      inner.push(
        ...roots.slice(0, 8).map((root) => tokens.slice(at + 1, end).map((token) => replaceBraces(token, root))),
      );
      at = end;
    } else if (word === '-delete') {
      const below = roots.every(isBelow);
      if (!below) problems.push({ code: 'PATH_UNCERTAIN', subject: 'find -delete' });
      for (const token of roots)
        addEffect(walk, { capability: 'File.Delete', token, mode: 'operand', program: 'find', recursive: below });
    } else if (findWrites.has(word)) {
      const target = tokens[++at];
      if (target !== undefined)
        addEffect(walk, { capability: 'File.Write', token: target, mode: 'operand', program: 'find' });
    } else if (word === '-files0-from' || word === '-follow')
      problems.push({ code: 'PATH_UNCERTAIN', subject: `find ${word}` });
  }
  const readOnly =
    problems.length === 0 &&
    inner.length === 0 &&
    !tokens.some((token) => token.value === '-delete' || findWrites.has(token.value));
  const index = addCommand(walk, { tokens, listing: 'required', problems, readOnly, ...covered });
  // What a test asks for by name is what the programs below are handed.
  if (inner.length > 0 || walk.feeds)
    for (const pattern of named) {
      // Names that end in some way are found in any folder that is read; what is named by its end is that end.
      const last = (pattern.value.split('/').at(-1) ?? '').replace(/^\*+/, '');
      for (const root of roots)
        if (last !== '')
          addEffect(walk, {
            capability: 'File.Read',
            token: { value: `${root.value}/${last}`, known: root.known, glob: root.glob || /[*?[]/.test(last) },
            mode: 'mention',
            program: 'find',
          });
    }
  const before = walk.tree;
  walk.tree = true;
  for (const words of inner) if (words.length > 0) walk.runWords(words, { coveredBy: index });
  walk.tree = before;
}

function endOfExec(tokens: readonly Token[], from: number): number {
  let end = from;
  while (end < tokens.length) {
    const word = tokens[end]?.value;
    if (word === ';' || (word === '+' && tokens[end - 1]?.value === '{}')) break;
    end++;
  }
  return end;
}

/** `{}` stands for any file below the root; a program or option made of it can't be known. */
function replaceBraces(token: Token, root: Token): Token {
  if (token.value === '{}') return root;
  return token.value.includes('{}') ? { ...token, known: false } : token;
}
