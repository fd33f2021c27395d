import type { NamedTest } from './test-titles.ts';

/** One item of the standard: its number and level there, the item in our words, and what stands behind it. */
export interface AsvsItem {
  readonly id: string;
  readonly level: 1 | 2;
  readonly item: string;
  readonly applies: boolean;
  /** Behind an applicable item: tests, or how a person looks. */
  readonly tests?: readonly NamedTest[];
  readonly manual?: string;
  /** Why an item does not apply. */
  readonly why?: string;
}

/** The rows of the page's table, in the order of the items. */
export function asvsRows(items: readonly AsvsItem[]): string[] {
  return items.map(({ id, level, item, applies, tests, manual, why }) => {
    const named = (tests ?? []).map(({ file, title }) => `\`${file}\`: ${title}`).join('<br>');
    const behind = applies ? (manual === undefined ? named : `manual: ${manual}`) : `does not apply: ${why ?? ''}`;
    return `| ${id} | ${level} | ${item} | ${behind} |`;
  });
}
