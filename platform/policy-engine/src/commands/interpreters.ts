import { applyKnowledge } from './operands.ts';
import { parseOptions, means } from './options.ts';
import {
  addCommand,
  addEffect,
  dynamicWords,
  type ArgvContext,
  type Problem,
  type Token,
  type Walk,
} from './report.ts';
import { isPlainSedScript } from './sed.ts';

interface Interpreter {
  /** Options that carry code or load it. */
  readonly code: readonly string[];
  readonly valueShort?: string;
  readonly valueLong?: readonly string[];
  /** Options with which the program does not read code from its input. */
  readonly noInput?: readonly string[];
}

const node: Interpreter = {
  code: [
    'e',
    'p',
    'i',
    'r',
    'eval',
    'print',
    'require',
    'import',
    'loader',
    'experimental-loader',
    'interactive',
    'input-type',
    'env-file',
    'env-file-if-exists',
    'inspect',
    'inspect-brk',
    'openssl-config',
    'experimental-config-file',
    'build-snapshot',
    'experimental-default-config-file',
    'openssl-shared-config',
    'snapshot-blob',
    'report-directory',
  ],
  valueShort: 'erCp',
  valueLong: [
    'eval',
    'print',
    'require',
    'import',
    'loader',
    'experimental-loader',
    'test-name-pattern',
    'test-reporter',
    'test-reporter-destination',
    'conditions',
    'run',
    'env-file',
    'test-concurrency',
    'test-timeout',
  ],
  noInput: ['test', 'version', 'v', 'help', 'h', 'run', 'watch', 'v8-options'],
};
const python: Interpreter = { code: ['c', 'i', 'x'], valueShort: 'cmWX', noInput: ['m', 'V', 'version', 'h', 'help'] };

const interpreters: ReadonlyMap<string, Interpreter> = new Map<string, Interpreter>([
  ['node', node],
  ['nodejs', node],
  ['tsx', node],
  ['ts-node', node],
  ['python', python],
  ['python2', python],
  ['python3', python],
  ['pypy', python],
  ['pypy3', python],
  [
    'perl',
    { code: ['e', 'E', 'n', 'p', 'i', 'M', 'm', 'I', 'x', 'd', 'D', 'C'], valueShort: 'eEMmI', noInput: ['v', 'V'] },
  ],
  ['ruby', { code: ['e', 'n', 'p', 'i', 'r', 'I', 'x'], valueShort: 'erI', noInput: ['v', 'version'] }],
  [
    'php',
    {
      code: ['r', 'R', 'B', 'E', 'a', 'd', 'c', 'z', 'S'],
      valueShort: 'rRBEdcztS',
      noInput: ['v', 'm', 'i', 'l', 'version'],
    },
  ],
  ['lua', { code: ['e', 'i', 'l'], valueShort: 'el', noInput: ['v'] }],
  ['luajit', { code: ['e', 'i', 'l', 'b', 'j'], valueShort: 'el', noInput: ['v'] }],
  ['Rscript', { code: ['e'], valueShort: 'e', noInput: ['version'] }],
  ['R', { code: ['e', 'f', 'file'], valueShort: 'ef', noInput: ['version'] }],
  ['osascript', { code: ['e', 'l', 'i'], valueShort: 'el' }],
  ['tclsh', { code: [] }],
  ['swift', { code: ['e'], valueShort: 'e' }],
  ['scala', { code: ['e'], valueShort: 'e' }],
  ['groovy', { code: ['e'], valueShort: 'e' }],
  ['julia', { code: ['e', 'E', 'eval', 'print', 'L', 'load'], valueShort: 'eEL' }],
  ['elixir', { code: ['e', 'eval', 'r'], valueShort: 'er' }],
  ['ghc', { code: ['e'], valueShort: 'e', noInput: ['version'] }],
  ['jshell', { code: [] }],
  ['irb', { code: [] }],
  ['deno', { code: ['eval', 'preload', 'import-map', 'c', 'config'], noInput: ['version'] }],
]);

const awks = new Set(['awk', 'gawk', 'mawk', 'nawk']);

/** Whether the program runs code that its words or its input hand it. */
export function isInterpreter(name: string): boolean {
  return interpreters.has(name) || awks.has(name) || name === 'sed' || name === 'gsed';
}

/** Records an interpreter; code in its words can't be judged and needs an entry that repeats it exactly. */
export function inspectInterpreter(name: string, tokens: readonly Token[], walk: Walk, context: ArgvContext): void {
  const covered = context.coveredBy === undefined ? {} : { coveredBy: context.coveredBy };
  if (awks.has(name)) return inspectAwk(name, tokens, walk, covered);
  if (name === 'sed' || name === 'gsed') return inspectSed(tokens, walk, covered);
  const known = interpreters.get(name) ?? node;
  const parsed = parseOptions(tokens, 1, { ...known, stopAtOperand: true });
  const problems: Problem[] = [...dynamicWords(tokens)];
  for (const option of parsed.options) {
    if (
      known.code.includes(option.name) ||
      (option.name.length > 1 && means(option.name, known.code) && known !== node)
    ) {
      problems.push(inlineCode(`${name} ${option.name.length === 1 ? '-' : '--'}${option.name}`));
    }
  }
  const module = known === python ? parsed.options.find((option) => option.name === 'm')?.value : undefined;
  if (module !== undefined) {
    if (module.value === 'pip') return runModule('pip', name, tokens, walk, covered);
    if (!module.known || runningModules.test(module.value)) problems.push(inlineCode(`${name} -m ${module.value}`));
  }
  const [script] = parsed.operands;
  const idle = parsed.options.some(
    (option) => known.noInput?.includes(option.name) || known.code.includes(option.name),
  );
  if (name === 'deno' || name === 'bun') {
    if (
      ['eval', 'repl'].includes(script?.value ?? '') ||
      parsed.operands.some((token) => /^(?:https?|data|npm|jsr):/i.test(token.value))
    )
      problems.push(inlineCode(`${name} ${script?.value ?? ''}`));
  } else if (script === undefined ? !idle : script.value === '-' || script.value === '/dev/stdin') {
    problems.push({ ...inlineCode(`${name} reads its code from its input`), exactEntryLifts: false });
  } else if (script !== undefined && /^[a-z]{2,}:/i.test(script.value))
    problems.push(inlineCode(`${name} ${script.value}`));
  if (script !== undefined) walk.report.scripts.push(script.value);
  applyKnowledge(tokens, undefined, walk);
  const scriptAt = script === undefined ? {} : { scriptAt: tokens.indexOf(script) };
  addCommand(walk, { tokens, listing: 'required', problems, ...scriptAt, ...covered });
}

/** Modules of the standard library that run what their words say, serve files, or fetch something. */
const runningModules =
  /^(?:http(?:\.server)?|code|codeop|pdb|bdb|timeit|runpy|trace|c?[Pp]rofile|smtpd|webbrowser|ensurepip|idlelib.*|pydoc|antigravity|asyncio|xmlrpc.*|wsgiref.*|ftplib|telnetlib|poplib|imaplib|nntplib|smtplib|socketserver|sqlite3|turtledemo.*|urllib.*|ctypes.*|test.*|lib2to3.*|zipapp|quopri|uu|encodings.*|rlcompleter|pickle|pickletools|modulefinder|pyclbr|dis|symtable|inspect|filecmp|fileinput|getpass|mailcap|random|this|lzma|bz2|cgi|cgitb|IPython|jupyter.*|notebook|ptpython|bpython)$/;

/** `python -m pip …` is `pip …`; an entry that names the module covers it. */
function runModule(module: string, name: string, tokens: readonly Token[], walk: Walk, covered: Covered): void {
  const at = tokens.findIndex((token) => token.value === '-m') + 1;
  const clean = at === 2 && tokens[at]?.value === module;
  const problems = clean ? dynamicWords(tokens) : [inlineCode(`${name} -m ${module}`)];
  const index = addCommand(walk, {
    tokens,
    listing: 'transparent',
    innerAt: Math.max(at, 1),
    problems,
    network: true,
    ...covered,
  });
  walk.runWords([{ value: module, known: true, glob: false }, ...tokens.slice(at + 1)], { coveredBy: index });
}

function inlineCode(subject: string): Problem {
  return { code: 'COMMAND_INLINE_CODE', subject: subject.slice(0, 200), exactEntryLifts: true };
}

type Covered = { readonly coveredBy?: number };

function inspectSed(tokens: readonly Token[], walk: Walk, covered: Covered): void {
  const { options, operands } = parseOptions(tokens, 1, {
    valueShort: 'efl',
    valueLong: ['expression', 'file', 'line-length'],
  });
  const problems: Problem[] = [...dynamicWords(tokens)];
  const scripts = options
    .filter((option) => option.name === 'e' || means(option.name, ['expression']))
    .map((option) => option.value);
  const fromFile = options.some((option) => option.name === 'f' || means(option.name, ['file']));
  // A suffix may follow -i directly (-i.bak), so the letters after it are no options.
  const clusters = tokens.map((token) => token.value).filter((value) => /^-[^-]/.test(value));
  const inPlace =
    clusters.some((value) => /^-[nErsuz]*i/.test(value)) ||
    options.some((option) => option.name.length > 1 && means(option.name, ['in-place']));
  const files = scripts.length > 0 || fromFile ? operands : operands.slice(1);
  if (scripts.length === 0 && !fromFile) scripts.push(operands[0]);
  const plainScript = scripts.every((script) => script?.known === true && isPlainSedScript(script.value));
  if (!plainScript || fromFile)
    problems.push({
      code: 'COMMAND_RUNS_PROGRAM',
      subject: 'sed with a script that may run programs or touch files',
      exactEntryLifts: true,
    });
  for (const token of files) {
    addEffect(walk, { capability: 'File.Read', token, mode: 'operand', program: 'sed' });
    if (inPlace) addEffect(walk, { capability: 'File.Write', token, mode: 'operand', program: 'sed' });
    if (token.glob && /^[*?[]/.test(token.value)) problems.push({ code: 'COMMAND_DYNAMIC', subject: token.value });
  }
  if (inPlace && clusters.some((value) => /^-[nErsuz]*i.*[/*]/.test(value)))
    problems.push({ code: 'PATH_UNCERTAIN', subject: 'sed -i' });
  if (
    options.some(
      (option) => option.name.length > 1 && means(option.name, ['in-place']) && /[/*]/.test(option.value?.value ?? ''),
    )
  )
    problems.push({ code: 'PATH_UNCERTAIN', subject: 'sed -i' });
  addCommand(walk, { tokens, listing: 'required', problems, readOnly: problems.length === 0 && !inPlace, ...covered });
}

function inspectAwk(name: string, tokens: readonly Token[], walk: Walk, covered: Covered): void {
  const { options, operands } = parseOptions(tokens, 1, {
    valueShort: 'Fvfeil',
    valueLong: ['field-separator', 'assign', 'file', 'source', 'include', 'load'],
    stopAtOperand: true,
  });
  const problems: Problem[] = [...dynamicWords(tokens)];
  const [program, ...files] = operands;
  if (
    options.some(
      (option) =>
        !['F', 'v', 'field-separator', 'assign', 'version', 's', 'posix', 'P', 'c', 'h', 'help'].includes(option.name),
    )
  )
    problems.push(inlineCode(`${name} options`));
  if (program?.known && !isPlainAwkProgram(program.value)) problems.push(inlineCode(`${name} program`));
  for (const token of files) {
    const assigns = /^[A-Za-z_]\w*=/.test(token.value);
    if (!assigns && token.value !== '-')
      addEffect(walk, { capability: 'File.Read', token, mode: 'operand', program: name });
    if (token.glob && /^[*?[]/.test(token.value)) problems.push({ code: 'COMMAND_DYNAMIC', subject: token.value });
  }
  addCommand(walk, { tokens, listing: 'required', problems, readOnly: problems.length === 0, ...covered });
}

/** awk reaches out by `system`, pipes, redirections, `getline`, indirect calls, and changes of its file list. */
function isPlainAwkProgram(program: string): boolean {
  const text = withoutComparisons(program).replaceAll('||', '');
  return !/[|>@<\\]|system|getline|close|ARGV|ARGC|fflush|SYMTAB|FUNCTAB|PROCINFO/.test(text);
}

/** In a pattern `>` compares; in an action it may redirect. Only told apart where no string or regular expression is. */
function withoutComparisons(program: string): string {
  if (/["/\\]/.test(program)) return program;
  let depth = 0;
  let text = '';
  for (const character of program) {
    if (character === '{') depth++;
    else if (character === '}') depth--;
    text += depth === 0 && (character === '>' || character === '<') ? ' ' : character;
  }
  return text;
}
