import { forEachChild, parse } from 'unbash';
import type {
  Assignment,
  Command,
  CommandNode,
  For,
  HereDoc,
  Redirection,
  Script,
  Statement,
  SyntaxNode,
  Word,
} from 'unbash';
import { analyseArgv, isKnownName } from './argv.ts';
import { expandBraces } from './braces.ts';
import { checkVariable } from './environment.ts';
import { addEffect, addProblem, isSilentDevice, limits, type ArgvContext, type Token, type Walk } from './report.ts';
import { assignmentToken, isPrintOnly, tokenOf } from './words.ts';
import { knowledgeOf } from './programs.ts';
import { bind, commonVariables, forgetSetWithin, forgetVariables } from './variables.ts';

/** Walks a text as a script of its own, at most {@link limits.scriptDepth} scripts deep. */
export function walkText(text: string, walk: Walk, input?: ArgvContext['input']): void {
  if (walk.depth >= limits.scriptDepth)
    return addProblem(walk, { code: 'COMMAND_TOO_COMPLEX', subject: 'the command' });
  walk.depth++;
  walkScript(parse(text), walk, input);
  walk.depth--;
}

type Input = ArgvContext['input'];

function walkScript(
  script: Script & { readonly errors?: readonly { message: string }[] | undefined },
  walk: Walk,
  input: Input,
): void {
  const [error] = script.errors ?? [];
  if (error !== undefined) addProblem(walk, { code: 'COMMAND_UNPARSEABLE', subject: error.message });
  walkStatements(script.commands, walk, input);
}

function walkStatements(statements: readonly Statement[], walk: Walk, input: Input): void {
  for (const statement of statements) {
    if (walk.report.commands.length >= limits.commands)
      return addProblem(walk, { code: 'COMMAND_TOO_COMPLEX', subject: 'the command' });
    // A statement in the background is a shell of its own and sets nothing here.
    if (statement.background) inUnion(walk, () => walkNode(statement.command, walk, input));
    else walkNode(statement.command, walk, input);
  }
}

function walkNode(node: Statement['command'], walk: Walk, input: Input): void {
  switch (node.type) {
    case 'AndOr':
      return walkAndOr(node.commands, node.operators, walk, input);
    case 'Pipeline': {
      node.commands.forEach((command, i) => {
        const before = node.commands[i - 1];
        const outer = walk.feeds;
        walk.feeds = outer || i < node.commands.length - 1;
        inUnion(walk, () =>
          walkNode(
            command,
            walk,
            i === 0 ? input : { kind: 'pipe', names: before !== undefined && listsNames(before) },
          ),
        );
        walk.feeds = outer;
      });
      return;
    }
    case 'Command': {
      const before = walk.folders;
      walkCommand(node, walk, input);
      walk.folders = union(before, walk.folders);
      return;
    }
    default:
      return inUnion(walk, () => walkCommandNode(node, walk, input));
  }
}

/** Whether all that the command prints is names of files below the folders that its words name. */
function listsNames(node: Statement['command']): boolean {
  if (node.type !== 'Command' || node.prefix.length > 0 || node.redirects.some((each) => each.descriptor === undefined))
    return false;
  const words = [node.name?.value ?? '', ...node.args.map((arg) => arg.text)];
  const [program, first] = words;
  if (program === 'find')
    return !words.some((word) => /^-(?:printf|exec\w*|ok\w*|ls|fprint\w*|files0-from)$/.test(word));
  if (program === 'git')
    return first === 'ls-files' && !words.some((word) => /^-(?:-format|s$|-stage|-resolve)/.test(word));
  if (program === 'rg')
    return (
      words.some((word) => word === '--files' || word === '-l' || word === '--files-with-matches') &&
      !words.some((word) => word.startsWith('--pre') || word.startsWith('-r') || word.startsWith('--replace'))
    );
  if (program === 'grep')
    return (
      words.some((word) => /^-[a-zA-Z]*[lL]/.test(word) || word === '--files-with-matches') &&
      !words.some((word) => word.startsWith('--label'))
    );
  return false;
}

/** Afterwards folder and variables may be what it was before or what the part made of it. */
function inUnion(walk: Walk, part: () => void): void {
  const { folders, variables } = walk;
  part();
  walk.folders = union(folders, walk.folders);
  walk.variables = commonVariables(variables, walk.variables);
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  if (a === b) return a;
  if (a.length === 0 || b.length === 0) return [];
  const all = [...new Set([...a, ...b])];
  return all.length > 8 ? [] : all;
}

/** After `cd x &&` the next command runs in `x` and nowhere else; in every other order it may run in both. */
function walkAndOr(
  commands: readonly Statement['command'][],
  operators: readonly string[],
  walk: Walk,
  input: Input,
): void {
  let seen = walk.folders;
  let certain = walk.variables;
  commands.forEach((command, i) => {
    if (i > 0 && operators[i - 1] === '||') walk.folders = seen;
    if (command.type === 'Command') walkCommand(command, walk, input);
    else walkNode(command, walk, input);
    seen = union(seen, walk.folders);
    certain = i === 0 ? walk.variables : commonVariables(certain, walk.variables);
    if (operators[i] === '||') walk.variables = certain;
  });
  walk.folders = seen;
  walk.variables = certain;
}

function walkCommandNode(node: CommandNode, walk: Walk, input: Input): void {
  switch (node.type) {
    case 'Command':
      return walkCommand(node, walk, input);
    case 'Redirected':
      walkRedirections(node.redirects, walk);
      return walkCommandNode(node.command, walk, stdinOf(node.redirects) ?? input);
    case 'Function':
      return walkFunction(node.name.value, node.body, walk);
    case 'Coproc':
      addProblem(walk, { code: 'COMMAND_SHELL_UNCERTAIN', subject: 'coproc' });
      return walkChildren(node, walk, input);
    case 'For':
      return walkFor(node, walk, input);
    case 'Select':
      checkVariable(node.name.value, walk, true);
      forgetVariables(walk);
      return repeatedly(walk, () => walkChildren(node, walk, input));
    case 'While':
      forgetSetWithin(walk, node);
      return repeatedly(walk, () => walkChildren(node, walk, input));
    case 'ArithmeticFor':
    case 'ArithmeticCommand':
      addProblem(walk, { code: 'COMMAND_DYNAMIC', subject: '((…))' });
      forgetVariables(walk);
      return repeatedly(walk, () => walkChildren(node, walk, input));
    case 'TestCommand':
      checkTest(node.expression, walk);
      return walkChildren(node, walk, input);
    default:
      return walkChildren(node, walk, input);
  }
}

/** Over words that are written out, the body is walked once per word; otherwise the variable is unknown in it. */
function walkFor(node: For, walk: Walk, input: Input): void {
  const name = node.name.value;
  checkVariable(name, walk, true);
  for (const word of node.wordlist ?? []) walkWord(word, walk);
  forgetSetWithin(walk, node.body);
  const values = (node.wordlist ?? []).flatMap((word) => tokensOf(word, walk));
  const certain = node.wordlist !== undefined && values.every((value) => value.known) && values.length <= walk.rounds;
  const rounds = certain && values.length > 0 ? values : [{ value: `$${name}`, known: false, glob: false }];
  walk.rounds -= rounds.length;
  for (const value of rounds) {
    bind(walk, name, value);
    repeatedly(walk, () => walkAny(node.body, walk, input));
  }
}

function repeatedly(walk: Walk, part: () => void): void {
  const before = walk.repeated;
  walk.repeated = true;
  part();
  walk.repeated = before;
}

function walkFunction(name: string, body: SyntaxNode, walk: Walk): void {
  if (isKnownName(name)) addProblem(walk, { code: 'COMMAND_SHELL_UNCERTAIN', subject: `function ${name}` });
  walk.functions.add(name);
  const before = walk.variables;
  forgetVariables(walk);
  repeatedly(walk, () => walkAny(body, walk, { kind: 'pipe' }));
  walk.variables = before;
}

function walkChildren(node: SyntaxNode, walk: Walk, input: Input): void {
  forEachChild(node, (child) => walkAny(child, walk, input));
}

function walkAny(node: SyntaxNode, walk: Walk, input: Input): void {
  switch (node.type) {
    case 'Script':
      return inUnion(walk, () => walkScript(node, walk, input));
    case 'Statement':
      return walkNode(node.command, walk, input);
    case 'AndOr':
    case 'Pipeline':
    case 'Command':
    case 'Redirected':
    case 'Function':
    case 'Coproc':
    case 'If':
    case 'For':
    case 'Select':
    case 'While':
    case 'ArithmeticFor':
    case 'ArithmeticCommand':
    case 'TestCommand':
    case 'Subshell':
    case 'BraceGroup':
    case 'Case':
      return walkNode(node, walk, input);
    case 'LocaleString':
      addProblem(walk, { code: 'COMMAND_SHELL_UNCERTAIN', subject: '$"…"' });
      return walkChildren(node, walk, input);
    default:
      return walkChildren(node, walk, input);
  }
}

function walkCommand(node: Command, walk: Walk, input: Input): void {
  for (const part of node.prefix) {
    if (part.type !== 'Assignment') continue;
    walkChildren(part, walk, { kind: 'pipe' });
    checkAssignment(part, walk, node.name === undefined);
  }
  if (node.name === undefined) for (const part of node.prefix) if (part.type === 'Assignment') assign(part, walk);
  walkRedirections(node.redirects, walk);
  checkBackgroundReading(node, walk);
  if (node.name === undefined) return;
  walkWord(node.name, walk);
  const tokens: Token[] = [tokenOf(node.name, walk)];
  const printed = printedWords(node.name.value);
  const reads = readsStreams(node.name.value);
  for (const arg of node.args) {
    walkWord(arg, walk);
    if (arg.type !== 'Word') {
      tokens.push(assignmentToken(arg, walk));
      continue;
    }
    const text = printed || isMessage(node.name.value, tokens.at(-1)?.value ?? '', arg);
    for (const token of tokensOf(arg, walk)) {
      if (!token.known && text && isPrintOnly(arg)) tokens.push({ ...token, known: true, glob: false });
      else if (!token.known && reads && isStream(arg)) tokens.push({ value: '/dev/stdin', known: true, glob: false });
      else tokens.push(token);
    }
  }
  analyseArgv(tokens, walk, { input: stdinOf(node.redirects) ?? input });
}

/** Shells without `&>` end the command at the `&`, so that the words after the file name become a command. */
function checkBackgroundReading(node: Command, walk: Walk): void {
  const both = node.redirects.find((each) => each.operator === '&>' || each.operator === '&>>');
  const words = [...(node.name === undefined ? [] : [node.name]), ...node.args];
  if (both !== undefined && words.some((word) => word.pos > both.pos)) {
    addProblem(walk, { code: 'COMMAND_SHELL_UNCERTAIN', subject: '&>' });
  }
}

/** The tokens of a word: several where braces spell several words out. */
function tokensOf(word: Word, walk: Walk): Token[] {
  const braced = word.parts?.some((part) => part.type === 'BraceExpansion') === true;
  const words = braced ? expandBraces(word.text) : undefined;
  if (words === undefined) return [tokenOf(word, walk)];
  return words.map((value) => ({ value, known: true, glob: /[*?[]/.test(value) }));
}

/** `<(…)`: the commands in it are judged by themselves, and what they print is read. */
function isStream(word: Word): boolean {
  const [only, ...more] = word.parts ?? [];
  return more.length === 0 && only?.type === 'ProcessSubstitution' && only.operator === '<';
}

function readsStreams(program: string): boolean {
  const known = knowledgeOf(program);
  return known?.operands === 'read' && known.runOptions === undefined;
}

/** A commit message is data, whatever it turns out to be, as long as it stays one word. */
function isMessage(program: string, before: string, word: Word): boolean {
  if (program !== 'git' && program !== 'gh') return false;
  const quoted = word.parts?.length === 1 && word.parts[0]?.type === 'DoubleQuoted';
  return quoted && /^(?:-[a-z]*m|--message|--title|--body)$/.test(before);
}

function assign(assignment: Assignment, walk: Walk): void {
  const { value, name, index, append } = assignment;
  const plain = value.type === 'Word' && index === undefined && append !== true;
  const token = plain ? tokenOf(value, walk) : undefined;
  // Names on the right are patterns only once they are expanded without quotes.
  bind(walk, name, token === undefined || token.glob ? { value: '', known: false, glob: false } : token);
}

function printedWords(program: string): boolean {
  return knowledgeOf(program)?.printOnly === true;
}

function walkWord(word: Word | Assignment, walk: Walk): void {
  walkChildren(word, walk, { kind: 'pipe' });
}

function checkAssignment(assignment: Assignment, walk: Walk, alone: boolean): void {
  const value = assignment.value.type === 'Word' ? assignment.value.value : undefined;
  checkVariable(assignment.name, walk, alone, value);
  if (assignment.index !== undefined)
    addProblem(walk, { code: 'COMMAND_DYNAMIC', subject: assignment.text.slice(0, 100) });
}

function walkRedirections(redirections: readonly Redirection[], walk: Walk): void {
  for (const redirection of redirections) {
    walkChildren(redirection, walk, { kind: 'pipe' });
    if (redirection.descriptor?.type === 'FileDescriptorVariable')
      checkVariable(redirection.descriptor.name, walk, true);
    if (redirection.type !== 'Redirect') continue;
    const { operator } = redirection;
    const token = redirection.target === undefined ? undefined : tokenOf(redirection.target, walk);
    if (token === undefined) {
      addProblem(walk, { code: 'COMMAND_UNPARSEABLE', subject: `nothing follows ${operator}` });
    } else if ((operator === '>&' || operator === '<&') && token.known && /^(?:\d+-?|-)$/.test(token.value)) continue;
    else if (operator === '<&') addProblem(walk, { code: 'COMMAND_DYNAMIC', subject: `<&${token.value}` });
    else addRedirect(token, operator, walk);
  }
}

function addRedirect(token: Token, operator: string, walk: Walk): void {
  if (!token.known)
    return addProblem(walk, { code: 'COMMAND_DYNAMIC', subject: `${operator} ${token.value}`.slice(0, 200) });
  if (isSilentDevice(token.value)) return;
  if (/^\/dev\/(?:tcp|udp)\//.test(token.value))
    addProblem(walk, { code: 'COMMAND_SHELL_UNCERTAIN', subject: token.value.slice(0, 200) });
  const base = { token, mode: 'redirect', program: operator } as const;
  if (operator === '<' || operator === '<>') addEffect(walk, { capability: 'File.Read', ...base });
  if (operator !== '<') addEffect(walk, { capability: 'File.Write', ...base });
}

function stdinOf(redirections: readonly Redirection[]): Input | undefined {
  let found: Input | undefined;
  for (const redirection of redirections) {
    if (redirection.type === 'HereDoc') found = { kind: 'text', text: hereDocText(redirection) };
    else if (redirection.type === 'HereString') found = { kind: 'text', text: redirection.target?.value };
    else if (redirection.operator === '<' || redirection.operator === '<>' || redirection.operator === '<&')
      found = { kind: 'pipe' };
  }
  return found;
}

function hereDocText(redirection: HereDoc): string {
  return redirection.body.text;
}

const arithmeticTests = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge']);

function checkTest(expression: SyntaxNode, walk: Walk): void {
  const pending: SyntaxNode[] = [expression];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.type === 'TestUnary' && (node.operator === '-v' || node.operator === '-R'))
      uncertainTest(node.operator, walk);
    if (node.type === 'TestLogical') uncertainTest(node.operator, walk);
    if (node.type === 'TestBinary') {
      if (node.operator === '<' || node.operator === '>') uncertainTest(node.operator, walk);
      // Numeric comparison evaluates its operands, and an array index in them can run a command.
      const numbers = [node.left, node.right].every(
        (word) => /^-?\d+$/.test(word.value) || word.text === '$#' || word.text === '$?',
      );
      if (arithmeticTests.has(node.operator) && !numbers) uncertainTest(node.operator, walk);
    }
    forEachChild(node, (child) => {
      if (child.type.startsWith('Test')) pending.push(child);
    });
  }
}

function uncertainTest(operator: string, walk: Walk): void {
  addProblem(walk, { code: 'COMMAND_SHELL_UNCERTAIN', subject: `[[ … ${operator} … ]]` });
}
