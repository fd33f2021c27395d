import { keyOf } from './points.ts';
import type { Point } from './points.ts';
import { allTrials, suits } from './plan-runs.ts';
import type { Target, Trial } from './plan-runs.ts';

/** Seeds of the same target are this far apart: a seed names its target, however many there are and whatever is tried. */
const seedStride = 16_384;
const perPoint = 8;
/** How many runs of a hundred a trial gets. */
const shares: Readonly<Record<Trial, number>> = { kill: 62, power: 16, disk: 12, cancel: 5, tool: 5 };
/** A try that was not met counts half, so that a point that is hard to reach does not hold up the others. */
const unmetWeight = 0.5;

/** What a seed strikes first. Pure. @throws RangeError for a seed that names no target of these points */
export function targetOf(points: readonly Point[], seed: number): Target {
  const index = seed % seedStride;
  const point = points[Math.floor(index / perPoint)];
  const trial = allTrials[index % perPoint];
  if (point === undefined || trial === undefined || !suits(trial, point))
    throw new RangeError(
      `The seed ${seed} names none of the ${points.length} points. Run it with the list of its run.`,
    );
  return { trial, point };
}

interface Turn {
  readonly index: number;
  readonly target: Target;
  round: number;
  unmet: number;
}

/**
 * Which seed is run next. What a seed does depends on the seed and the points alone; which one is taken depends on what
 * was met so far: the trial that is furthest behind its share, and in it the target whose point was struck least often.
 */
export class Schedule {
  readonly #turns = new Map<Trial, Turn[]>();
  readonly #given = new Map<Trial, number>();
  readonly #struck: Map<string, number>;

  /**
   * @param struck strikes by `keyOf` that kill, kept up to date by the caller
   * @param from round of seeds to begin with
   */
  constructor(points: readonly Point[], trials: readonly Trial[], struck: Map<string, number>, from: number) {
    this.#struck = struck;
    for (const trial of trials) {
      const turns = points.flatMap((point, index) =>
        suits(trial, point)
          ? [{ index: index * perPoint + allTrials.indexOf(trial), target: { trial, point }, round: from, unmet: 0 }]
          : [],
      );
      this.#turns.set(trial, scattered(turns));
      this.#given.set(trial, 0);
    }
  }

  next(): { seed: number; target: Target } {
    const [trial] = [...this.#given].sort(([a, givenA], [b, givenB]) => givenA / shares[a] - givenB / shares[b])[0]!;
    this.#given.set(trial, this.#given.get(trial)! + 1);
    const turns = this.#turns.get(trial)!;
    const weights = turns.map((turn) => this.#weight(turn));
    const turn = turns[weights.indexOf(Math.min(...weights))]!;
    turn.round += 1;
    return { seed: (turn.round - 1) * seedStride + turn.index, target: turn.target };
  }

  /** The first strike of a seed was not met. */
  unmet(seed: number): void {
    for (const turns of this.#turns.values())
      for (const turn of turns) if (turn.index === seed % seedStride) turn.unmet += 1;
  }

  #weight({ target, round, unmet }: Turn): number {
    const deadly = target.trial === 'kill' || target.trial === 'power';
    return deadly ? (this.#struck.get(keyOf(target.point)) ?? 0) + unmetWeight * unmet : round;
  }
}

/** An order in which neighbours are far apart, so that a short campaign is broad. */
function scattered<T>(items: readonly T[]): T[] {
  let step = Math.max(1, Math.floor(items.length * 0.618));
  while (gcd(step, items.length) !== 1) step += 1;
  return items.map((_, index) => items[((index + 1) * step) % items.length]!);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
