import { forEachChild, parse } from 'unbash';
import type {
  Assignment,
  Command,
  CommandNode,
  HereDoc,
  Redirection,
  Script,
  Statement,
  SyntaxNode,
  Word,
} from 'unbash';
import { analyseArgv, isKnownName } from './argv.ts';
import { checkVariable } from './environment.ts';
import { addEffect, addProblem, isSilentDevice, limits, type ArgvContext, type Token, type Walk } from './report.ts';
import { assignmentToken, isPrintOnly, tokenOf } from './words.ts';
import { knowledgeOf } from './programs.ts';

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
  for (const statement of statements) walkNode(statement.command, walk, input);
}

function walkNode(node: Statement['command'], walk: Walk, input: Input): void {
  switch (node.type) {
    case 'AndOr':
      return walkAndOr(node.commands, node.operators, walk, input);
    case 'Pipeline': {
      node.commands.forEach((command, i) =>
        inUnion(walk, () => walkNode(command, walk, i === 0 ? input : { kind: 'pipe' })),
      );
      return;
    }
    default:
      return inUnion(walk, () => walkCommandNode(node, walk, input));
  }
}

/** Afterwards the folder may be what it was before or what the part made of it. */
function inUnion(walk: Walk, part: () => void): void {
  const before = walk.folders;
  part();
  walk.folders = union(before, walk.folders);
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
  commands.forEach((command, i) => {
    if (i > 0 && operators[i - 1] === '||') walk.folders = seen;
    if (command.type === 'Command') walkCommand(command, walk, input);
    else walkNode(command, walk, input);
    seen = union(seen, walk.folders);
  });
  walk.folders = seen;
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
    case 'Select':
      checkVariable(node.name.value, walk, true);
      return repeatedly(walk, () => walkChildren(node, walk, input));
    case 'While':
      return repeatedly(walk, () => walkChildren(node, walk, input));
    case 'ArithmeticFor':
    case 'ArithmeticCommand':
      addProblem(walk, { code: 'COMMAND_DYNAMIC', subject: '((…))' });
      return repeatedly(walk, () => walkChildren(node, walk, input));
    case 'TestCommand':
      checkTest(node.expression, walk);
      return walkChildren(node, walk, input);
    default:
      return walkChildren(node, walk, input);
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
  repeatedly(walk, () => walkAny(body, walk, { kind: 'pipe' }));
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
  walkRedirections(node.redirects, walk);
  checkBackgroundReading(node, walk);
  if (node.name === undefined) return;
  walkWord(node.name, walk);
  const tokens: Token[] = [tokenOf(node.name, walk.facts)];
  const printed = printedWords(node.name.value);
  for (const arg of node.args) {
    walkWord(arg, walk);
    const token = arg.type === 'Word' ? tokenOf(arg, walk.facts) : assignmentToken(arg, walk.facts);
    tokens.push(
      printed && !token.known && arg.type === 'Word' && isPrintOnly(arg)
        ? { ...token, known: true, glob: false }
        : token,
    );
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

function printedWords(program: string): boolean {
  return knowledgeOf(program)?.printOnly === true;
}

function walkWord(word: Word | Assignment, walk: Walk): void {
  walkChildren(word, walk, { kind: 'pipe' });
}

function checkAssignment(assignment: Assignment, walk: Walk, alone: boolean): void {
  checkVariable(assignment.name, walk, alone);
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
    const token = redirection.target === undefined ? undefined : tokenOf(redirection.target, walk.facts);
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
