import { seededRandom } from '../random.ts';
import { planRun, pointsOf, suits } from './plan-runs.ts';
import type { Point, Trial } from './plan-runs.ts';
import { runOnce, unbroken } from './run.ts';
import type { RunPlan, RunResult } from './run.ts';
import type { Reference } from './verdict.ts';
import { World } from './world.ts';

/** How long and how wide a campaign is. */
export interface CampaignOptions {
  readonly runtimeFile: string;
  /** First seed; every run takes the next one. */
  readonly seed: number;
  /** Ends when the time is up or this many runs were made, whichever comes first. */
  readonly minutes: number;
  readonly runs: number;
  /** Worlds side by side. */
  readonly lanes: number;
  /** Shares of the trials, which take turns. */
  readonly trials: readonly Trial[];
  /** The points that an earlier campaign found: with them a seed strikes what it struck then. */
  readonly points?: readonly Point[];
  onFailure(failure: Failure): void;
}

/** A run that did not end as the unbroken one. */
export interface Failure {
  readonly seed: number;
  readonly trial: Trial;
  readonly point: string;
  readonly problems: readonly string[];
}

/** What a campaign found, in numbers. */
export interface CampaignResult {
  readonly points: number;
  /** The points that the seeds were spread over; hand them to a campaign that runs one of the seeds again. */
  readonly list: readonly Point[];
  /** What each seed struck, by seed. */
  readonly strikes: readonly string[];
  readonly pointsMet: number;
  /** Fewest times that a point was struck, and how many were struck at least five times. */
  readonly leastStruck: number;
  readonly struckFiveTimes: number;
  readonly runs: number;
  readonly kills: number;
  readonly serviceDeaths: number;
  readonly powerCuts: number;
  readonly diskFaults: number;
  readonly cancels: number;
  readonly resumes: number;
  readonly pauses: number;
  readonly lost: number;
  readonly doubled: number;
  readonly wrong: number;
  readonly unreadable: number;
  readonly unknown: number;
  readonly proved: number;
  readonly unmet: number;
  readonly failures: readonly Failure[];
  readonly seconds: number;
}

interface Target {
  readonly trial: Trial;
  readonly point: Point;
}

/**
 * Runs the scenarios unbroken once to find their points, then strikes one point after the other until the time is up.
 * Which point a seed strikes depends on the seed and on the list of points only, so a seed can be run again alone.
 */
export async function campaign(options: CampaignOptions): Promise<CampaignResult> {
  const started = performance.now();
  const worlds = await Promise.all(Array.from({ length: options.lanes }, () => World.start()));
  try {
    const { references, points, targets } = await survey(worlds[0]!, options);
    const tally = new Tally(points, targets);
    const deadline = started + options.minutes * 60_000;
    let next = 0;
    const lane = async (world: World): Promise<void> => {
      while (next < options.runs && performance.now() < deadline) {
        const seed = options.seed + next;
        next += 1;
        const target = targetOf(targets, seed);
        const plan = planRun(target.trial, target.point, seed);
        const result = await runOnce(
          world,
          plan,
          references.get(target.point.scenario)!,
          options.runtimeFile,
          seededRandom(seed ^ 0x5eed),
        );
        const failure = tally.add(seed, target, plan, result);
        if (failure !== undefined) options.onFailure(failure);
      }
    };
    await Promise.all(worlds.map(lane));
    return tally.result((performance.now() - started) / 1000);
  } finally {
    await Promise.all(worlds.map((world) => world.stop()));
  }
}

async function survey(
  world: World,
  { runtimeFile, trials, points: earlier, seed, runs }: CampaignOptions,
): Promise<{ references: Map<string, Reference>; points: readonly Point[]; targets: Target[] }> {
  const single = earlier !== undefined && runs === 1 ? targetOf(targetsOf(earlier, trials), seed) : undefined;
  const references = new Map<string, Reference>();
  const found: Point[] = [];
  for (const scenario of world.scenarios) {
    if (single !== undefined && single.point.scenario !== scenario.name) continue;
    const { reference, hits } = await unbroken(world, scenario, runtimeFile);
    references.set(scenario.name, reference);
    found.push(...pointsOf(scenario.name, hits));
  }
  const points = earlier ?? found.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return { references, points, targets: targetsOf(points, trials) };
}

function targetsOf(points: readonly Point[], trials: readonly Trial[]): Target[] {
  return trials.flatMap((trial) => points.filter((point) => suits(trial, point)).map((point) => ({ trial, point })));
}

/** Seeds go through the targets in an order in which neighbours are far apart, so that a short campaign is broad. */
function targetOf(targets: readonly Target[], seed: number): Target {
  let stride = Math.floor(targets.length * 0.618);
  while (gcd(stride, targets.length) !== 1) stride += 1;
  return targets[(seed * stride) % targets.length]!;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

function key({ scenario, moment, point }: Point): string {
  return `${scenario} ${moment} ${point}`;
}

/** Sums up runs. */
class Tally {
  readonly #struck = new Map<string, number>();
  readonly #failures: Failure[] = [];
  readonly #list: readonly Point[];
  readonly #strikes: [seed: number, text: string][] = [];
  #sums = {
    runs: 0,
    kills: 0,
    serviceDeaths: 0,
    powerCuts: 0,
    diskFaults: 0,
    cancels: 0,
    resumes: 0,
    pauses: 0,
    lost: 0,
    doubled: 0,
    wrong: 0,
    unreadable: 0,
    unknown: 0,
    proved: 0,
    unmet: 0,
  };

  constructor(list: readonly Point[], targets: readonly Target[]) {
    this.#list = list;
    for (const { point } of targets) this.#struck.set(key(point), 0);
  }

  add(seed: number, { trial, point }: Target, plan: RunPlan, result: RunResult): Failure | undefined {
    const { verdict, met, deaths, pauses, unreadable, failures } = result;
    const sums = this.#sums;
    sums.runs += 1;
    sums.serviceDeaths += result.serviceDeaths;
    const [first] = plan.strikes[0]!;
    const wasMet = met.some((strike) => strike.point !== '');
    this.#strikes.push([
      seed,
      `${seed} ${first!.act.kind} ${key(point)} ${first!.occurrence} ${wasMet ? 'met' : 'not reached'}`,
    ]);
    if (wasMet) this.#struck.set(key(point), this.#struck.get(key(point))! + 1);
    else sums.unmet += 1;
    if (trial === 'disk') sums.diskFaults += met.length;
    if (trial === 'cancel') sums.cancels += met.length;
    if (trial === 'power') sums.powerCuts += met.length;
    if (trial === 'kill') sums.kills += met.length;
    sums.resumes += deaths;
    sums.pauses += pauses;
    sums.lost += verdict.lost.length;
    sums.doubled += verdict.doubled.length;
    sums.wrong += verdict.wrong.length + failures.length;
    sums.unreadable += unreadable.length;
    sums.unknown += verdict.unknown;
    sums.proved += verdict.proved;
    const problems = [...verdict.lost, ...verdict.doubled, ...verdict.wrong, ...unreadable, ...failures];
    if (problems.length === 0) return undefined;
    const failure = { seed, trial, point: key(point), problems };
    this.#failures.push(failure);
    return failure;
  }

  result(seconds: number): CampaignResult {
    const counts = [...this.#struck.values()];
    return {
      points: counts.length,
      list: this.#list,
      strikes: this.#strikes.sort(([a], [b]) => a - b).map(([, text]) => text),
      pointsMet: counts.filter((count) => count > 0).length,
      leastStruck: Math.min(...counts),
      struckFiveTimes: counts.filter((count) => count >= 5).length,
      ...this.#sums,
      failures: this.#failures,
      seconds,
    };
  }
}
