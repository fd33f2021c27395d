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
    const { examples } = this.#counted(kind, count);
    const last = examples.at(-1);
    if (examples.length >= this.#examplesPerChange && (last === undefined || at < last.at)) return;
    this.#offer(examples, text, newest());
  }

  /** Counts what another tally counted of other actions; it keeps as many examples as this one. */
  absorb(changes: readonly SimulationChange[]): void {
    for (const { count, examples, ...kind } of changes) {
      const own = this.#counted(kind, count);
      for (const example of examples) this.#offer(own.examples, example.action.text, example);
    }
  }

  /** The most frequent first, at most so many; all unless said otherwise. */
  changes(most = Infinity): SimulationChange[] {
    const sorted = [...this.#changes.values()].sort(
      (one, other) => other.count - one.count || (one.key < other.key ? -1 : 1),
    );
    return sorted
      .slice(0, most)
      .map(({ kind, count, examples }) => ({ ...kind, count, examples: structuredClone(examples) }));
  }

  #counted(kind: ChangeKind, count: number): Counted {
    const key = JSON.stringify([kind.from, kind.to, kind.capability, kind.ruleId, kind.reasonCode]);
    let change = this.#changes.get(key);
    if (change === undefined) {
      change = { key, kind, count: 0, examples: [] };
      this.#changes.set(key, change);
    }
    change.count += count;
    return change;
  }

  #offer(examples: SimulationExample[], text: string, example: SimulationExample): void {
    const same = examples.findIndex(({ action }) => action.text === text);
    if (same >= 0 && !isNewer(example, examples[same]!)) return;
    if (same >= 0) examples.splice(same, 1);
    const place = examples.findIndex((other) => isNewer(example, other));
    examples.splice(place < 0 ? examples.length : place, 0, example);
    if (examples.length > this.#examplesPerChange) examples.pop();
  }
}

function isNewer(one: SimulationExample, other: SimulationExample): boolean {
  return one.at === other.at ? one.eventId > other.eventId : one.at > other.at;
}
