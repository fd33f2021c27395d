import { linkEffects } from './links.ts';
import { means, parseOptions } from './options.ts';
import { addEffect, isSilentDevice, type FileEffect, type Problem, type Token, type Walk } from './report.ts';
import type { ProgramKnowledge } from './programs.ts';

const urlLike = /^[a-z][a-z0-9+.-]*:\/\//i;

/** Records which files the words of a command name, and returns what its options make uncertain. */
export function applyKnowledge(
  tokens: readonly Token[],
  known: ProgramKnowledge | undefined,
  walk: Walk,
): { problems: Problem[] } {
  const program = tokens[0]?.value ?? '';
  const problems: Problem[] = [];
  const parsed = parseOptions(tokens, 1, known ?? {});
  const { options, operands } = parsed;
  if (program === 'ln' && linkEffects(tokens, parsed, walk)) return { problems };
  for (const option of options) {
    const dashed = option.name.length === 1 ? `-${option.name}` : `--${option.name}`;
    if (means(option.name, known?.runOptions ?? []))
      problems.push({ code: 'COMMAND_RUNS_PROGRAM', subject: `${program} ${dashed}`, exactEntryLifts: true });
    else if (means(option.name, known?.uncertainOptions ?? []))
      problems.push({ code: 'COMMAND_ARGUMENT_UNCERTAIN', subject: `${program} ${dashed}`, exactEntryLifts: true });
    if (option.value === undefined) continue;
    const isRead = means(option.name, known?.readOptions ?? []);
    const isWrite = means(option.name, known?.writeOptions ?? []);
    if (isRead) file('File.Read', option.value, program, walk, false, problems);
    if (isWrite) file('File.Write', option.value, program, walk, false, problems);
    if (!isRead && !isWrite) argument(option.value, program, walk);
  }
  const role = known?.operands ?? 'generic';
  if (role === 'generic') {
    for (const token of tokens.slice(1)) genericWord(token, program, walk, problems);
    for (const token of operands) collectUrl(token, known, program, walk);
    return { problems };
  }
  if (role !== 'text')
    fileOperands(
      role,
      operands,
      options.map((option) => option.name),
      known ?? {},
      program,
      walk,
      problems,
    );
  if (role === 'text' && known?.printOnly !== true) for (const token of operands) argument(token, program, walk);
  return { problems };
}

function fileOperands(
  role: NonNullable<ProgramKnowledge['operands']>,
  operands: readonly Token[],
  options: readonly string[],
  known: ProgramKnowledge,
  program: string,
  walk: Walk,
  problems: Problem[],
): void {
  const textGiven = options.some((name) => means(name, known.textOptions ?? []));
  const files = operands.slice(textGiven ? 0 : (known.textOperands ?? 0));
  const recursive =
    known.recursiveOptions === '*' ||
    options.some((name) => means(name, (known.recursiveOptions as readonly string[] | undefined) ?? []));
  if (files.length === 0 && recursive && role === 'read') files.push({ value: '.', known: true, glob: false });
  files.forEach((token, i) => {
    const last = i === files.length - 1 && files.length > 1;
    if (token.value === '-' && role === 'read') return;
    if (role === 'read') file('File.Read', token, program, walk, recursive, problems);
    if (role === 'write') file('File.Write', token, program, walk, recursive, problems);
    if (role === 'delete') file('File.Delete', token, program, walk, recursive, problems);
    if (role === 'in-out') file(i === 0 ? 'File.Read' : 'File.Write', token, program, walk, false, problems);
    if (role === 'copy') file(last ? 'File.Write' : 'File.Read', token, program, walk, recursive, problems);
    if (role === 'move') {
      file(last ? 'File.Write' : 'File.Delete', token, program, walk, recursive, problems);
      if (!last) file('File.Read', token, program, walk, recursive, problems);
    }
  });
}

function file(
  capability: FileEffect['capability'],
  token: Token,
  program: string,
  walk: Walk,
  recursive: boolean,
  problems: Problem[],
): void {
  if (!token.known) {
    problems.push({ code: 'COMMAND_DYNAMIC', subject: token.value.slice(0, 200) });
    return;
  }
  if (token.glob && /^[*?[]/.test(token.value) && capability !== 'File.Read')
    problems.push({ code: 'COMMAND_DYNAMIC', subject: token.value.slice(0, 200) });
  if (!isSilentDevice(token.value)) addEffect(walk, { capability, token, mode: 'operand', program, recursive });
}

/** A word of a program that the engine knows little of: it may be a path, an option with one, or neither. */
function genericWord(token: Token, program: string, walk: Walk, problems: Problem[]): void {
  if (!token.known) return;
  if (token.glob && /^[*?[]/.test(token.value))
    problems.push({ code: 'COMMAND_DYNAMIC', subject: token.value.slice(0, 200) });
  argument(token, program, walk);
}

function argument(token: Token, program: string, walk: Walk): void {
  if (!token.known || token.value.length > 4096) return;
  for (const value of pathCandidates(token.value)) {
    if (isSilentDevice(value)) continue;
    const outside =
      value.startsWith('/') || value === '~' || value.startsWith('~/') || /(?:^|\/)\.\.(?:\/|$)/.test(value);
    addEffect(walk, {
      capability: 'File.Read',
      token: { ...token, value },
      mode: outside ? 'argument' : 'mention',
      program,
    });
  }
}

/** The parts of a word in which programs look for paths: itself, after `=`, after a one-letter option, after `@`. */
function pathCandidates(value: string): string[] {
  if (urlLike.test(value)) return value.toLowerCase().startsWith('file://') ? [value.slice(7)] : [];
  const candidates: string[] = [];
  if (!value.startsWith('-')) candidates.push(value);
  else if (/^-[A-Za-z][/~.]/.test(value)) candidates.push(value.slice(2));
  const equals = value.indexOf('=');
  if (equals >= 0 && !urlLike.test(value.slice(equals + 1))) candidates.push(value.slice(equals + 1));
  const at = value.indexOf('@');
  if (at >= 0 && /^@[/~.]/.test(value.slice(at))) candidates.push(value.slice(at + 1));
  return candidates.filter((candidate) => candidate !== '');
}

function collectUrl(token: Token, known: ProgramKnowledge | undefined, program: string, walk: Walk): void {
  if (known?.network !== true || (program !== 'curl' && program !== 'wget')) return;
  walk.report.urls.push({ url: token, program });
}
