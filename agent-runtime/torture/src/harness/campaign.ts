import type { Point } from './points.ts';
import { planRun } from './plan-runs.ts';
import type { Target, Trial } from './plan-runs.ts';
import { runOnce } from './run.ts';
import type { RunPlan } from './run.ts';
import { Schedule, targetOf } from './schedule.ts';
import { survey } from './survey.ts';
import { Tally } from './tally.ts';
import type { CampaignResult, Failure } from './tally.ts';
import { World } from './world.ts';

/** How long and how wide a campaign is. */
export interface CampaignOptions {
  readonly runtimeFile: string;
  /** Ends when the time is up or this many runs were made, whichever comes first. */
  readonly minutes: number;
  readonly runs: number;
  /** Worlds side by side. */
  readonly lanes: number;
  readonly trials: readonly Trial[];
  /** Round of seeds to begin with; another round strikes the same points at other times. */
  readonly from: number;
  /** Deaths per scenario that the search for points looks behind. */
  readonly resumes: number;
  /** Runs this plan and no other, with the points that its campaign found, so that it strikes what it struck then. */
  readonly again?: { readonly plan: RunPlan; readonly points: readonly Point[] };
  /** Called with the points before the first is struck. */
  onPoints(points: readonly Point[]): void;
  /** Called with every plan before it is run. */
  onPlan(plan: RunPlan): void;
  onFailure(failure: Failure): void;
  /** Called after every run with what was done so far. */
  onRun(soFar: CampaignResult): void;
}

/**
 * Runs the scenarios unbroken to find their points, then strikes the one that was struck least often until the time is
 * up. What a seed strikes depends on the seed, the list of points and what was struck before it, so its plan is handed
 * out: with that, it can be run again alone.
 */
export async function campaign(options: CampaignOptions): Promise<CampaignResult> {
  const { runtimeFile, lanes, runs, minutes, trials, from, again } = options;
  const started = performance.now();
  const worlds = await Promise.all(Array.from({ length: lanes }, () => World.start()));
  try {
    const only = again === undefined ? {} : { only: again.plan.scenario };
    const { references, points: found } = await survey(worlds, { runtimeFile, resumes: options.resumes, ...only });
    const points = again?.points ?? found;
    options.onPoints(points);
    const tally = new Tally(points);
    const schedule = new Schedule(points, trials, tally.struck, from);
    const deadline = started + minutes * 60_000;
    let left = runs;
    const one = async (world: World, target: Target, plan: RunPlan): Promise<void> => {
      options.onPlan(plan);
      const result = await runOnce(world, plan, references.get(plan.scenario)!, runtimeFile);
      const { failure, met } = tally.add(target, plan, result);
      if (!met) schedule.unmet(plan.seed);
      if (failure !== undefined) options.onFailure(failure);
      options.onRun(tally.result((performance.now() - started) / 1000));
    };
    const lane = async (world: World): Promise<void> => {
      while (left > 0 && performance.now() < deadline) {
        left -= 1;
        const { seed, target } = schedule.next();
        const own = points.filter(({ scenario }) => scenario === target.point.scenario);
        await one(world, target, planRun(target, own, seed, tally.struck));
      }
    };
    if (again === undefined) await Promise.all(worlds.map(lane));
    else await one(worlds[0]!, targetOf(points, again.plan.seed), again.plan);
    return tally.result((performance.now() - started) / 1000);
  } finally {
    await Promise.all(worlds.map((world) => world.stop()));
  }
}
