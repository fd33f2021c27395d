import type { SimulationChange, SimulationExample } from '@steward/contracts';

/** What makes two changes the same one. */
export type ChangeKind = Pick<SimulationChange, 'from' | 'to' | 'capability' | 'ruleId' | 'reasonCode'>;

interface Counted {
  readonly key: string;
  readonly kind: ChangeKind;
  count: number;
  readonly examples: SimulationExample[];
}

/**
 * Counts changes and keeps of each the newest examples with texts of their own. What it holds at the end does not depend
 * on the order in which changes were noted, nor on how many were noted together.
 */
export class ChangeTally {
  readonly #examplesPerChange: number;
  readonly #changes = new Map<string, Counted>();

  constructor(examplesPerChange: number) {
    this.#examplesPerChange = examplesPerChange;
  }

  /** @param newest made from the newest of the `count` actions; called only when it may be kept */
  note(kind: ChangeKind, count: number, text: string, at: string, newest: () => SimulationExample): void {
    const key = JSON.stringify([kind.from, kind.to, kind.capability, kind.ruleId, kind.reasonCode]);
    let change = this.#changes.get(key);
    if (change === undefined) {
      change = { key, kind, count: 0, examples: [] };
      this.#changes.set(key, change);
    }
    change.count += count;
    const { examples } = change;
    const last = examples.at(-1);
    if (examples.length >= this.#examplesPerChange && (last === undefined || at < last.at)) return;
    const example = newest();
    const same = examples.findIndex(({ action }) => action.text === text);
    if (same >= 0 && !isNewer(example, examples[same]!)) return;
    if (same >= 0) examples.splice(same, 1);
    const place = examples.findIndex((other) => isNewer(example, other));
    examples.splice(place < 0 ? examples.length : place, 0, example);
    if (examples.length > this.#examplesPerChange) examples.pop();
  }

  /** The most frequent first, at most so many. */
  changes(most: number): SimulationChange[] {
    const sorted = [...this.#changes.values()].sort(
      (one, other) => other.count - one.count || (one.key < other.key ? -1 : 1),
    );
    return sorted
      .slice(0, most)
      .map(({ kind, count, examples }) => ({ ...kind, count, examples: structuredClone(examples) }));
  }
}

function isNewer(one: SimulationExample, other: SimulationExample): boolean {
  return one.at === other.at ? one.eventId > other.eventId : one.at > other.at;
}
