import type { PolicyProblem } from '@steward/contracts';
import { findNodeAtLocation, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';

/** A text as JSON: its value and where each part of it stands, or what is wrong with it. */
export interface PolicyText {
  /** Undefined when the text is no JSON. */
  readonly value: unknown;
  readonly problems: readonly PolicyProblem[];
  /** Line and column (from 1) of what a JSON pointer names, or of the nearest part around it. */
  locate(pointer: string): { line: number; column: number };
}

const sentences: Readonly<Record<string, string>> = {
  InvalidSymbol: 'This is no JSON value.',
  InvalidNumberFormat: 'This number is not written as JSON writes numbers.',
  PropertyNameExpected: 'A name in double quotes is expected here.',
  ValueExpected: 'A value is expected here.',
  ColonExpected: 'A colon is expected here.',
  CommaExpected: 'A comma is expected here.',
  CloseBraceExpected: 'A closing brace is missing.',
  CloseBracketExpected: 'A closing bracket is missing.',
  EndOfFileExpected: 'Nothing may follow the policy.',
  InvalidCommentToken: 'JSON has no comments.',
  UnexpectedEndOfString: 'The text in quotes is not closed.',
  UnexpectedEndOfNumber: 'The number is not complete.',
  InvalidUnicode: 'The escape after \\u is not complete.',
  InvalidEscapeCharacter: 'There is no such escape in JSON.',
  InvalidCharacter: 'This character must be escaped.',
};

/** Parses text strictly as JSON. Total: every text gives a value or problems with their lines. */
export function readPolicyText(text: string): PolicyText {
  const lineStarts = startsOfLines(text);
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const problems = errors.slice(0, 100).map(({ error, offset }): PolicyProblem => ({
    path: '',
    ...placeOf(lineStarts, offset),
    reason: sentences[printParseErrorCode(error)] ?? 'This is not valid JSON.',
    remedy: 'Correct the text here.',
  }));
  const repeated = tree === undefined ? [] : repeatedNames(tree, lineStarts);
  const isJson = tree !== undefined && errors.length === 0;
  if (tree === undefined && problems.length === 0)
    problems.push({ path: '', line: 1, column: 1, reason: 'The text is empty.', remedy: 'Begin with a template.' });
  return {
    value: isJson ? (JSON.parse(text) as unknown) : undefined,
    problems: [...problems, ...repeated].slice(0, 100),
    locate: (pointer) => placeOf(lineStarts, offsetOf(tree, pointer)),
  };
}

/** Of two members of one name JSON keeps the last, which would drop a block without a word. */
function repeatedNames(root: Node, lineStarts: readonly number[]): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  const open: { node: Node; path: string }[] = [{ node: root, path: '' }];
  for (let next = open.pop(); next !== undefined && problems.length < 100; next = open.pop()) {
    const { node, path } = next;
    const seen = new Set<string>();
    for (const [index, child] of (node.children ?? []).entries()) {
      if (node.type === 'array') open.push({ node: child, path: `${path}/${index}` });
      if (node.type !== 'object') continue;
      const name = String(child.children?.[0]?.value);
      const at = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (seen.has(name))
        problems.push({
          path: at.slice(0, 1000),
          ...placeOf(lineStarts, child.offset),
          reason: `"${name.slice(0, 100)}" is there twice.`,
          remedy: 'Keep one of them.',
        });
      seen.add(name);
      const value = child.children?.[1];
      if (value !== undefined) open.push({ node: value, path: at });
    }
  }
  return problems;
}

function offsetOf(tree: Node | undefined, pointer: string): number {
  if (tree === undefined) return 0;
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  for (let length = parts.length; length >= 0; length -= 1) {
    const path = parts.slice(0, length).map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : part));
    const node = findNodeAtLocation(tree, path);
    if (node !== undefined) return node.offset;
  }
  return tree.offset;
}

function startsOfLines(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function placeOf(starts: readonly number[], offset: number): { line: number; column: number } {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - starts[low]! + 1 };
}
