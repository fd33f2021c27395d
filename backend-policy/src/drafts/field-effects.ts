import type { PolicyDifference } from '@steward/contracts';

/** What a change means for an agent. */
export type Effect = PolicyDifference['effect'];

/** How one field changed. */
export interface FieldChange {
  readonly effect: Effect;
  readonly addedEntries?: string[];
  readonly removedEntries?: string[];
}

/** Tells what it means that a field went from one value to another; undefined when nothing changed. */
export type FieldRule = (before: unknown, after: unknown) => FieldChange | undefined;

/** A list in which more entries let an agent do more (`widens`) or less (`narrows`). */
export function listRule(whenMore: 'widens' | 'narrows', absent: readonly string[] = []): FieldRule {
  const whenLess = whenMore === 'widens' ? 'narrows' : 'widens';
  return (before, after) => {
    const old = (before as readonly string[] | undefined) ?? absent;
    const now = (after as readonly string[] | undefined) ?? absent;
    const addedEntries = now.filter((entry) => !old.includes(entry));
    const removedEntries = old.filter((entry) => !now.includes(entry));
    if (addedEntries.length + removedEntries.length === 0) return undefined;
    const effect = removedEntries.length === 0 ? whenMore : addedEntries.length === 0 ? whenLess : 'mixed';
    return { effect, addedEntries, removedEntries };
  };
}

/** A list of a rule's match: absent it matches everything, so that its appearance matters more than its entries. */
export function matchListRule(): FieldRule {
  const among = listRule('narrows');
  return (before, after) => {
    if (before === undefined && after === undefined) return undefined;
    if (before === undefined) return { effect: 'widens' };
    if (after === undefined) return { effect: 'narrows' };
    return among(before, after);
  };
}

/** A limit that lets an agent do more when it is higher; absent means without limit. */
export const limitRule: FieldRule = (before, after) => {
  const old = (before as number | undefined) ?? Infinity;
  const now = (after as number | undefined) ?? Infinity;
  return old === now ? undefined : { effect: now > old ? 'widens' : 'narrows' };
};

/** Values from the least to the most strict. `absent` stands for a missing one; without it the effect can't be told. */
export function orderRule(order: readonly unknown[], absent?: unknown): FieldRule {
  return (before, after) => {
    const old = before ?? absent;
    const now = after ?? absent;
    if (old === now) return undefined;
    const from = order.indexOf(old);
    const to = order.indexOf(now);
    if (from === -1 || to === -1) return { effect: 'mixed' };
    return { effect: to > from ? 'narrows' : 'widens' };
  };
}

/** A field whose every change has one meaning. */
export function always(effect: Effect): FieldRule {
  return (before, after) => (same(before, after) ? undefined : { effect });
}

/** Whether two plain JSON values are equal, whatever the order of their members. */
export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  for (const key of keys)
    if (!same((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key])) return false;
  return true;
}

/** What several changes mean together; `none` for no change. */
export function together(effects: readonly Effect[]): Effect | 'none' {
  if (effects.length === 0) return 'none';
  const moving = new Set(effects.filter((effect) => effect !== 'neutral'));
  if (moving.size === 0) return 'neutral';
  const [only] = moving;
  return moving.size === 1 ? only! : 'mixed';
}
