import type { DoubleQuotedChild, Assignment, Word, WordPart } from 'unbash';
import type { Token, Walk } from './report.ts';

/** Turns a shell word into a token; `$HOME`, `~` and `$?` are replaced, everything else dynamic makes it unknown. */
export function tokenOf(word: Word, walk: Walk): Token {
  const parts = word.parts;
  const text = word.text;
  if (parts === undefined) return tildeToken(text, word.value, false, walk);
  const whole = wholeVariable(parts, walk);
  if (whole !== undefined) return whole;
  const state = { known: true, glob: false };
  let value = '';
  for (const part of parts) value += partValue(part, state, walk);
  if (!state.known) return { value: text, known: false, glob: false };
  return tildeToken(text, value, state.glob, walk);
}

/** `"$f"` of a loop over file names stands for one of them. */
function wholeVariable(parts: readonly WordPart[], walk: Walk): Token | undefined {
  const [only, ...more] = parts;
  if (only?.type !== 'DoubleQuoted' || more.length > 0 || only.parts.length !== 1) return undefined;
  const [child] = only.parts;
  return child === undefined ? undefined : scriptVariable(child, walk);
}

function tildeToken(text: string, value: string, glob: boolean, { facts }: Walk): Token {
  if (!text.startsWith('~')) return { value, known: true, glob };
  const rest = value.slice(1);
  if (rest !== '' && !rest.startsWith('/')) return { value, known: false, glob };
  if (!facts.homeDir) return { value, known: false, glob };
  return { value: facts.homeDir + rest, known: true, glob };
}

interface ValueState {
  known: boolean;
  glob: boolean;
}

function partValue(part: WordPart, state: ValueState, walk: Walk): string {
  switch (part.type) {
    case 'Literal':
      return part.value;
    case 'SingleQuoted':
      return part.value;
    case 'AnsiCQuoted':
      // Shells without this quoting end the string at the quote that the backslash protects here.
      if (part.text.includes("\\'")) state.known = false;
      return part.value;
    case 'DoubleQuoted':
      return part.parts.map((child) => quotedValue(child, state, walk)).join('');
    case 'Glob':
      state.glob = true;
      return part.text;
    case 'SimpleExpansion':
    case 'ParameterExpansion': {
      const value = knownVariable(part, walk);
      // Outside quotes a value with spaces or globs would be split into several words.
      if (value !== undefined && !/[\s*?[\\]/.test(value)) return value;
      state.known = false;
      return part.text;
    }
    case 'CommandExpansion': {
      const value = knownOutput(part, walk);
      if (value !== undefined && /^[\w./-]*$/.test(value)) return value;
      state.known = false;
      return part.text;
    }
    default:
      state.known = false;
      return part.text;
  }
}

function quotedValue(child: DoubleQuotedChild, state: ValueState, walk: Walk): string {
  if (child.type === 'Literal') return child.value;
  const value = knownVariable(child, walk) ?? knownOutput(child, walk);
  if (value === undefined) state.known = false;
  return value ?? child.text;
}

function knownVariable(part: WordPart, walk: Walk): string | undefined {
  if (part.type !== 'SimpleExpansion' && part.type !== 'ParameterExpansion') return undefined;
  if (part.text === '$HOME' || part.text === '${HOME}') return walk.facts.homeDir || undefined;
  if (part.text === '$PWD' || part.text === '${PWD}') return walk.folders.length === 1 ? walk.folders[0] : undefined;
  const bound = scriptVariable(part, walk);
  // The value is a pattern for file names: only a word of its own can stand for one of them.
  if (bound !== undefined) return bound.glob ? undefined : bound.value;
  return part.text === '$?' || part.text === '$#' || part.text === '$$' ? '0' : undefined;
}

function scriptVariable(part: WordPart, walk: Walk): Token | undefined {
  const name = /^\$(?:([A-Za-z_]\w{0,99})|\{([A-Za-z_]\w{0,99})\})$/.exec(part.text);
  return name === null ? undefined : walk.variables.get(name[1] ?? name[2] ?? '');
}

/** What a substitution prints where its text tells: a quoted here-document through `cat`, the folder, a number. */
function knownOutput(part: WordPart, walk: Walk): string | undefined {
  if (part.type !== 'CommandExpansion' || part.script?.commands.length !== 1) return undefined;
  const node = part.script.commands[0]?.command;
  if (node?.type !== 'Command' || node.prefix.length > 0 || node.args.length > 0) return undefined;
  if (node.name?.text === 'nproc' && node.redirects.length === 0) return '4';
  if (node.name?.text === 'pwd' && node.redirects.length === 0 && !walk.functions.has('pwd'))
    return walk.folders.length === 1 ? walk.folders[0] : undefined;
  const [document, ...more] = node.redirects;
  if (node.name?.text !== 'cat' || walk.functions.has('cat') || document?.type !== 'HereDoc' || more.length > 0)
    return undefined;
  const { body, delimiter, operator } = document;
  const plain = operator === '<<' && (delimiter?.quoted === true || !/[$`\\]/.test(body.text));
  return plain ? withoutLastNewlines(body.text) : undefined;
}

/** What a substitution leaves of an output. A pattern would look for the end from every newline of the text. */
function withoutLastNewlines(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '\n') end--;
  return text.slice(0, end);
}

/** Turns an assignment in argument position (`of=x`, `A=b`) into a token. */
export function assignmentToken(assignment: Assignment, walk: Walk): Token {
  const { value } = assignment;
  if (value.type !== 'Word' || assignment.index !== undefined)
    return { value: assignment.text, known: false, glob: false };
  const token = tokenOf(value, walk);
  return { ...token, value: `${assignment.name}${assignment.append === true ? '+' : ''}=${token.value}` };
}

/**
 * Whether a word only prints differently when its dynamic parts change: plain `$name` and substitutions, whose
 * commands are judged on their own. Operators such as `${x:=y}` or arithmetic can do more.
 */
export function isPrintOnly(word: Word): boolean {
  return (word.parts ?? []).every((part) => isPrintOnlyPart(part));
}

function isPrintOnlyPart(part: WordPart): boolean {
  if (part.type === 'DoubleQuoted') return part.parts.every((child) => isPrintOnlyPart(child));
  if (part.type === 'ParameterExpansion') {
    return (
      part.operation === undefined && (part.prefix === undefined || part.prefix === '#') && part.index === undefined
    );
  }
  // Names in arithmetic are evaluated again, and an array index in their values can run a command.
  if (part.type === 'ArithmeticExpansion') return /^\$\(\([\d\s+*/%<>=!&|^~?:-]{1,200}\)\)$/.test(part.text);
  return part.type !== 'ProcessSubstitution' && part.type !== 'ExtendedGlob' && part.type !== 'LocaleString';
}
