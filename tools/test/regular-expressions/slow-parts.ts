import { RegExpParser, visitRegExpAST } from '@eslint-community/regexpp';
import type { AST } from '@eslint-community/regexpp';
import { getConsumedChars, toCache, toUnicodeSet } from 'regexp-ast-analysis';
import type { ReadonlyFlags } from 'regexp-ast-analysis';
import { analyse } from 'scslre';

/** Repetitions up to this often count as single characters. */
const few = 20;
/** How many characters the attempts at one place may look at, in all. */
const mostPerPlace = 1_000;

/**
 * Why a regular expression could take more than linear time; empty when it can't. Two things are looked for:
 * - backtracking: parts that can take characters from each other, and repetitions that are begun at every character
 *   (the checker's own rules, Schmidt's "super-linear regular expressions");
 * - attempts that overlap: a search that is not bound to the text's start begins at every place. Where the text before a
 *   repetition could also stand inside of it, each of n beginnings would read up to its end, unless nothing can fail after
 *   it. A repetition with a limit makes that at most its limit for each place.
 */
export function slowParts(literal: string): string[] {
  const end = literal.lastIndexOf('/');
  const [pattern, flags] = [literal.slice(1, end), literal.slice(end + 1)];
  const { reports } = analyse(new RegExp(pattern, flags), { reportTypes: { Move: true, Self: true, Trade: true } });
  return [...reports.map(({ type }) => type), ...overlaps(pattern, flags)];
}

function overlaps(pattern: string, flags: string): string[] {
  if (flags.includes('y')) return [];
  const parser = new RegExpParser();
  const parsed = parser.parsePattern(pattern, 0, pattern.length, {
    unicode: flags.includes('u'),
    unicodeSets: flags.includes('v'),
  });
  const known = toCache(parser.parseFlags(flags) as ReadonlyFlags);
  const repeated: AST.Quantifier[] = [];
  visitRegExpAST(parsed, {
    onQuantifierEnter: (quantifier) => {
      const stops = isLast(quantifier) ? quantifier.min : quantifier.max;
      if (stops > few && mayOverlap(quantifier, known)) repeated.push(quantifier);
    },
  });
  const endless = repeated.filter(({ max }) => max === Infinity);
  const perPlace = repeated.reduce((sum, { max }) => sum + (max === Infinity ? 0 : max), 0);
  return [
    ...endless.map(({ raw }) => `overlapping ${raw}`),
    ...(perPlace > mostPerPlace ? [`${perPlace} characters for each place`] : []),
  ];
}

type Flags = ReturnType<typeof toCache>;

/** Whether nothing has to follow a repetition, so that an attempt that reached its least number can't fail any more. */
function isLast(quantifier: AST.Quantifier): boolean {
  for (let node: AST.Node = quantifier; node.parent !== null; node = node.parent) {
    const { parent } = node as { parent: AST.Node };
    if (parent.type === 'Quantifier' || parent.type === 'Assertion') return false;
    if (parent.type !== 'Alternative') continue;
    const after = parent.elements.slice(parent.elements.indexOf(node as AST.Element) + 1);
    if (!after.every((element) => element.type === 'Quantifier' && element.min === 0)) return false;
  }
  return true;
}

/** Whether the text in front of a repetition, from the pattern's start on, could stand within the repetition itself. */
function mayOverlap(quantifier: AST.Quantifier, flags: Flags): boolean {
  const inside = getConsumedChars(quantifier.element, flags).chars;
  for (let node: AST.Node = quantifier; node.parent !== null; node = node.parent) {
    const { parent } = node as { parent: AST.Node };
    if (parent.type !== 'Alternative') continue;
    const before = parent.elements.slice(0, parent.elements.indexOf(node as AST.Element));
    if (before.some((element) => keepsApart(element, inside, flags))) return false;
  }
  return true;
}

type CharacterSet = ReturnType<typeof toUnicodeSet>['chars'];

/** Whether an element is always matched and takes nothing that the repetition could take, or holds the search in place. */
function keepsApart(element: AST.Element, inside: CharacterSet, flags: Flags): boolean {
  switch (element.type) {
    case 'Assertion':
      return (element.kind === 'start' && !flags.multiline) || isBeginningOfRun(element, inside, flags);
    case 'Quantifier':
      return element.min > 0 && keepsApart(element.element, inside, flags);
    case 'Group':
    case 'CapturingGroup':
      return element.alternatives.every(({ elements }) => elements.some((each) => keepsApart(each, inside, flags)));
    case 'Character':
    case 'CharacterClass':
    case 'CharacterSet':
      return toUnicodeSet(element, flags).chars.isDisjointWith(inside);
    default:
      return false;
  }
}

/** What stands right before is none of what is repeated, so that each run has one beginning. */
function isBeginningOfRun(assertion: AST.Assertion, inside: CharacterSet, flags: Flags): boolean {
  if (assertion.kind !== 'lookbehind' || !assertion.negate) return false;
  return assertion.alternatives.some(({ elements }) => {
    const [only] = elements;
    const isOne = only?.type === 'Character' || only?.type === 'CharacterClass' || only?.type === 'CharacterSet';
    return elements.length === 1 && isOne && inside.isSubsetOf(toUnicodeSet(only, flags).chars);
  });
}
