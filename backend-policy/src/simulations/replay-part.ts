import type { SimulationChange, SimulationResult } from '@steward/contracts';
import { ChangeTally } from './change-tally.ts';

/** What one replay counted of some of the actions of a simulation; nothing of it is left out. */
export interface ReplayPart extends Pick<
  SimulationResult,
  'recorded' | 'replayed' | 'unchanged' | 'changed' | 'notReplayable'
> {
  /** Why some can't be replayed, and how many. */
  readonly reasons: readonly (readonly [reason: string, count: number])[];
  readonly changes: readonly SimulationChange[];
}

const mostChanges = 500;
const mostReasons = 20;
const usualExamples = 5;

/** How many examples of each change are kept. */
export function examplesOf({ examplesPerChange = usualExamples }: { readonly examplesPerChange?: number }): number {
  return examplesPerChange;
}

/**
 * The result of a simulation whose actions were counted in these parts, each action in one of them; the most frequent
 * changes and reasons first. It is the same however the actions were shared out and in whatever order the parts come. Pure.
 */
export function resultOf(
  parts: readonly ReplayPart[],
  options: { readonly examplesPerChange?: number },
): SimulationResult {
  const counts = { recorded: 0, replayed: 0, unchanged: 0, changed: 0, notReplayable: 0 };
  const reasons = new Map<string, number>();
  const tally = new ChangeTally(examplesOf(options));
  for (const part of parts) {
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += part[name];
    for (const [reason, count] of part.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
    tally.absorb(part.changes);
  }
  const notReplayableReasons = [...reasons].map(([reason, count]) => ({ reason, count }));
  notReplayableReasons.sort((one, other) => other.count - one.count || (one.reason < other.reason ? -1 : 1));
  return {
    ...counts,
    notReplayableReasons: notReplayableReasons.slice(0, mostReasons),
    changes: tally.changes(mostChanges),
  };
}
