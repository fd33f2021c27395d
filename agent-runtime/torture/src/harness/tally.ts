import { keyOf } from './points.ts';
import type { Point } from './points.ts';
import type { Target, Trial } from './plan-runs.ts';
import type { RunPlan, RunResult } from './run.ts';

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
  /** Fewest deaths at a point, and how many points had at least five. */
  readonly leastStruck: number;
  readonly struckFiveTimes: number;
  /** Names of the points with fewer. */
  readonly struckLess: readonly string[];
  /** Points of some life that the list does not have, since only other faults lead there. */
  readonly seenBeside: number;
  readonly runs: number;
  readonly lives: number;
  readonly kills: number;
  readonly serviceDeaths: number;
  readonly powerCuts: number;
  readonly diskFaults: number;
  readonly cancels: number;
  readonly toolDeaths: number;
  readonly resumes: number;
  readonly pauses: number;
  readonly lost: number;
  readonly doubled: number;
  readonly wrong: number;
  readonly unreadable: number;
  readonly zombies: number;
  readonly unknown: number;
  readonly proved: number;
  readonly unmet: number;
  readonly failures: readonly Failure[];
  readonly seconds: number;
}

const enough = 5;

/** Sums up runs. */
export class Tally {
  /** Deaths by point; every point of the list is there. */
  readonly struck = new Map<string, number>();
  readonly #failures: Failure[] = [];
  readonly #list: readonly Point[];
  readonly #beside = new Set<string>();
  readonly #strikes: [seed: number, text: string][] = [];
  #sums = {
    runs: 0,
    lives: 0,
    kills: 0,
    serviceDeaths: 0,
    powerCuts: 0,
    diskFaults: 0,
    cancels: 0,
    toolDeaths: 0,
    resumes: 0,
    pauses: 0,
    lost: 0,
    doubled: 0,
    wrong: 0,
    unreadable: 0,
    zombies: 0,
    unknown: 0,
    proved: 0,
    unmet: 0,
  };

  constructor(list: readonly Point[]) {
    this.#list = list;
    for (const point of list) this.struck.set(keyOf(point), 0);
  }

  /** Adds a run; returns what is wrong with it, and whether its first strike was met. */
  add(target: Target, plan: RunPlan, result: RunResult): { failure: Failure | undefined; met: boolean } {
    const { verdict, pauses, unreadable, failures, hits } = result;
    const { seed, scenario } = plan;
    const first = plan.strikes[target.point.behind === undefined ? 0 : 1]![0]!;
    const met = result.met.includes(first);
    const struck = `${first.act.kind} ${keyOf(target.point)} ${first.occurrence} ${met ? 'met' : 'not reached'}`;
    this.#strikes.push([seed, `${seed} ${struck}`]);
    this.#countStrikes(scenario, result);
    for (const life of hits)
      for (const hit of life) if (!this.struck.has(`${scenario} ${hit}`)) this.#beside.add(`${scenario} ${hit}`);
    const sums = this.#sums;
    sums.runs += 1;
    sums.lives += hits.length;
    sums.serviceDeaths += result.serviceDeaths;
    sums.unmet += plan.strikes.flat().length - result.met.length;
    sums.resumes += result.deaths;
    sums.pauses += pauses;
    sums.lost += verdict.lost.length;
    sums.doubled += verdict.doubled.length;
    sums.wrong += verdict.wrong.length + failures.length;
    sums.unreadable += unreadable.length;
    sums.zombies += verdict.zombies;
    sums.unknown += verdict.unknown;
    sums.proved += verdict.proved;
    const problems = [...verdict.lost, ...verdict.doubled, ...verdict.wrong, ...unreadable, ...failures];
    if (problems.length === 0) return { failure: undefined, met };
    const failure = { seed, trial: target.trial, point: struck, problems };
    this.#failures.push(failure);
    return { failure, met };
  }

  result(seconds: number): CampaignResult {
    const counts = [...this.struck.values()];
    return {
      points: counts.length,
      list: this.#list,
      strikes: this.#strikes.sort(([a], [b]) => a - b).map(([, text]) => text),
      pointsMet: counts.filter((count) => count > 0).length,
      leastStruck: Math.min(...counts),
      struckFiveTimes: counts.filter((count) => count >= enough).length,
      struckLess: [...this.struck].filter(([, count]) => count < enough).map(([name]) => name),
      seenBeside: this.#beside.size,
      ...this.#sums,
      failures: this.#failures,
      seconds,
    };
  }

  #countStrikes(scenario: string, { met }: RunResult): void {
    const sums = this.#sums;
    for (const { moment, point, act } of met) {
      const key = keyOf({ scenario, moment, point });
      const kills = act.kind === 'kill' || act.kind === 'torn-kill';
      if (kills) sums.kills += 1;
      else if (act.kind === 'power') sums.powerCuts += 1;
      else if (act.kind === 'cancel') sums.cancels += 1;
      else if (act.kind === 'kill-tool') sums.toolDeaths += 1;
      else sums.diskFaults += 1;
      if (kills || act.kind === 'power') this.struck.set(key, (this.struck.get(key) ?? 0) + 1);
    }
  }
}
