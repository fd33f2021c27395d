import type { DoubleQuotedChild, Assignment, Word, WordPart } from 'unbash';
import type { PolicyFacts } from '@steward/contracts';
import type { Token } from './report.ts';

/** Turns a shell word into a token; `$HOME`, `~` and `$?` are replaced, everything else dynamic makes it unknown. */
export function tokenOf(word: Word, facts: PolicyFacts): Token {
  const parts = word.parts;
  const text = word.text;
  if (parts === undefined) return tildeToken(text, word.value, false, facts);
  const state = { known: true, glob: false };
  let value = '';
  for (const part of parts) value += partValue(part, state, facts);
  if (!state.known) return { value: text, known: false, glob: false };
  return tildeToken(text, value, state.glob, facts);
}

function tildeToken(text: string, value: string, glob: boolean, facts: PolicyFacts): Token {
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

function partValue(part: WordPart, state: ValueState, facts: PolicyFacts): string {
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
      return part.parts.map((child) => quotedValue(child, state, facts)).join('');
    case 'Glob':
      state.glob = true;
      return part.text;
    case 'SimpleExpansion':
    case 'ParameterExpansion': {
      const value = knownVariable(part, facts);
      // Outside quotes a value with spaces or globs would be split into several words.
      if (value !== undefined && !/[\s*?[\\]/.test(value)) return value;
      state.known = false;
      return part.text;
    }
    default:
      state.known = false;
      return part.text;
  }
}

function quotedValue(child: DoubleQuotedChild, state: ValueState, facts: PolicyFacts): string {
  if (child.type === 'Literal') return child.value;
  const value = knownVariable(child, facts);
  if (value === undefined) state.known = false;
  return value ?? child.text;
}

function knownVariable(part: WordPart, facts: PolicyFacts): string | undefined {
  if (part.type !== 'SimpleExpansion' && part.type !== 'ParameterExpansion') return undefined;
  if (part.text === '$HOME' || part.text === '${HOME}') return facts.homeDir || undefined;
  return part.text === '$?' || part.text === '$#' || part.text === '$$' ? '0' : undefined;
}

/** Turns an assignment in argument position (`of=x`, `A=b`) into a token. */
export function assignmentToken(assignment: Assignment, facts: PolicyFacts): Token {
  const { value } = assignment;
  if (value.type !== 'Word' || assignment.index !== undefined)
    return { value: assignment.text, known: false, glob: false };
  const token = tokenOf(value, facts);
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
    return part.operation === undefined && part.prefix === undefined && part.index === undefined;
  }
  return (
    part.type !== 'ArithmeticExpansion' &&
    part.type !== 'ProcessSubstitution' &&
    part.type !== 'ExtendedGlob' &&
    part.type !== 'LocaleString'
  );
}
