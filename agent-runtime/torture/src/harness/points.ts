import type { Moment, Strike } from '../seam/plan.ts';

/** A point of a scenario and where a run passes it. */
export interface Point {
  readonly scenario: string;
  readonly moment: Moment;
  readonly point: string;
  /** Places in the order of everything that the life passed, one for each time that it passed this point. */
  readonly at: readonly number[];
  /** The death after which a life passes it; absent for a point of the unbroken run. */
  readonly behind?: Strike;
  /** Place of that death in the unbroken run. */
  readonly behindAt?: number;
}

/** A name for a point that is the same in every campaign. */
export function keyOf({ scenario, moment, point }: Pick<Point, 'scenario' | 'moment' | 'point'>): string {
  return `${scenario} ${moment} ${point}`;
}

/** The points of a life from its list of hits. Pure. */
export function pointsOf(scenario: string, hits: readonly string[]): Point[] {
  const places = new Map<string, number[]>();
  hits.forEach((hit, place) => places.set(hit, [...(places.get(hit) ?? []), place]));
  return [...places].map(([hit, at]) => {
    const split = hit.indexOf(' ');
    return { scenario, moment: hit.slice(0, split) as Moment, point: hit.slice(split + 1), at };
  });
}

/**
 * The points of several runs of one thing: how often a point is surely passed is what all of them agree on, since how
 * a text is cut into pieces, for instance, depends on time. A point that not all of them passed counts as passed once.
 */
export function agreed(runs: readonly (readonly Point[])[]): Point[] {
  const all = new Map<string, Point[]>();
  for (const points of runs)
    for (const point of points) all.set(keyOf(point), [...(all.get(keyOf(point)) ?? []), point]);
  return [...all.values()].map((found) => {
    const fewest = Math.min(...found.map(({ at }) => at.length));
    return { ...found[0]!, at: found[0]!.at.slice(0, found.length === runs.length ? fewest : 1) };
  });
}
