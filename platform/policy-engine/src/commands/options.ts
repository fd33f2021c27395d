import type { Token } from './report.ts';

/** Which options take a value; everything else is taken for a flag. */
export interface OptionSyntax {
  /** Letters of short options that take a value. */
  readonly valueShort?: string;
  /** Long options (without dashes) whose value may be the next word. */
  readonly valueLong?: readonly string[];
  /** Options end at the first word that is none. */
  readonly stopAtOperand?: boolean;
}

/** One option with its value, if it has one. Short options are split out of their cluster. */
export interface Option {
  readonly name: string;
  readonly value?: Token;
}

/** Options and operands of a word list. */
export interface ParsedOptions {
  readonly options: readonly Option[];
  readonly operands: readonly Token[];
  /** Index of the first operand in the given words; their number when there is none. */
  readonly operandAt: number;
}

/** Takes words apart in the manner of getopt. Words that are only known at run time are operands. */
export function parseOptions(tokens: readonly Token[], from: number, syntax: OptionSyntax): ParsedOptions {
  const options: Option[] = [];
  const operands: Token[] = [];
  let operandAt = tokens.length;
  let i = from;
  for (; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined) break;
    if (token.known && !token.glob && token.value === '--') {
      operandAt = Math.min(operandAt, i + 1);
      operands.push(...tokens.slice(i + 1));
      break;
    }
    if (!token.known || token.value === '-' || !token.value.startsWith('-')) {
      operandAt = Math.min(operandAt, i);
      if (syntax.stopAtOperand) {
        operands.push(...tokens.slice(i));
        break;
      }
      operands.push(token);
      continue;
    }
    const takesNext = token.value.startsWith('--')
      ? readLong(token, syntax, options)
      : readShort(token, syntax, options);
    const next = tokens[i + 1];
    if (takesNext !== undefined && next !== undefined) {
      options.push({ name: takesNext, value: next });
      i++;
    } else if (takesNext !== undefined) options.push({ name: takesNext });
  }
  return { options, operands, operandAt };
}

function readLong(token: Token, syntax: OptionSyntax, options: Option[]): string | undefined {
  const equals = token.value.indexOf('=');
  if (equals >= 0) {
    options.push({ name: token.value.slice(2, equals), value: { ...token, value: token.value.slice(equals + 1) } });
    return undefined;
  }
  const name = token.value.slice(2);
  if (syntax.valueLong?.includes(name)) return name;
  options.push({ name });
  return undefined;
}

function readShort(token: Token, syntax: OptionSyntax, options: Option[]): string | undefined {
  for (let i = 1; i < token.value.length; i++) {
    const letter = token.value[i] ?? '';
    if (syntax.valueShort?.includes(letter)) {
      if (i + 1 === token.value.length) return letter;
      options.push({ name: letter, value: { ...token, value: token.value.slice(i + 1) } });
      return undefined;
    }
    options.push({ name: letter });
  }
  return undefined;
}

/** Whether an option given as `name` means one of `names`; long names may be shortened, as getopt permits. */
export function means(name: string, names: readonly string[]): boolean {
  return names.some((each) => each === name || (name.length > 1 && each.length > 1 && each.startsWith(name)));
}
