import { pick, seededRandom } from '../random.ts';
import type { Act, Moment, Strike } from '../seam/plan.ts';
import type { RunPlan } from './run.ts';

/** A point of a scenario and how often an unbroken run passes it. */
export interface Point {
  readonly scenario: string;
  readonly moment: Moment;
  readonly point: string;
  readonly count: number;
}

/** What is tried: deaths of the process, failures of the disk, losses of power, cancellations. */
export type Trial = 'kill' | 'disk' | 'power' | 'cancel';

const writes = /^(?:writeSync|writeFileSync) /;
const disk = /^(?:\w+Sync|fsync|fdatasync) /;
/** Only the runtime's own files: a failing disk under the project is the tool's failure, told as such. */
const ownFile = /\((?:journal-files|session-lock|session-opener|bundle-verifier|content-store)\)$/;
const codes = ['ENOSPC', 'EIO', 'EROFS', 'EDQUOT'];
const secondHits = 250;
const mostDeaths = 6;
/** About as many requests that change something reach the services in a run. */
const requestsOfRun = 12;

/** Counts the points of an unbroken run from its list of hits. */
export function pointsOf(scenario: string, hits: readonly string[]): Point[] {
  const counts = new Map<string, number>();
  for (const hit of hits) counts.set(hit, (counts.get(hit) ?? 0) + 1);
  return [...counts].map(([hit, count]) => {
    const at = hit.indexOf(' ');
    return { scenario, moment: hit.slice(0, at) as Moment, point: hit.slice(at + 1), count };
  });
}

/** Whether a kind of trial makes sense at a point. */
export function suits(trial: Trial, { point, moment }: Point): boolean {
  if (trial !== 'disk') return true;
  return moment === 'before' && disk.test(point) && ownFile.test(point);
}

/** The plan of one seed for one point. Pure: the same seed and point give the same plan. */
export function planRun(trial: Trial, target: Point, seed: number): RunPlan {
  const random = seededRandom(seed);
  const occurrence = 1 + Math.floor(random() * target.count);
  const act = actFor(trial, target, random);
  const strikes: Strike[][] = [[{ point: target.point, moment: target.moment, occurrence, act }]];
  // Most die again while they come back, and many of those once more.
  for (let chance = random(); trial === 'kill' && strikes.length < mostDeaths && chance < 0.7; chance = random())
    strikes.push([
      { point: '', moment: 'before', occurrence: 1 + Math.floor(random() * secondHits), act: { kind: 'kill' } },
    ]);
  const shaken = random() < 0.3;
  const servicesDie = random() < 0.2;
  return {
    seed,
    scenario: target.scenario,
    strikes,
    lostAnswers: shaken ? 0.05 : 0,
    repeatedRequests: shaken ? 0.2 : 0,
    servicesDieAt: servicesDie ? 1 + Math.floor(random() * requestsOfRun) : 0,
    cancelled: trial === 'cancel',
    allow: { toolFailures: trial === 'disk', powerLost: trial === 'power' },
  };
}

function actFor(trial: Trial, { point, moment }: Point, random: () => number): Act {
  const isWrite = moment === 'before' && writes.test(point);
  if (trial === 'cancel') return { kind: 'cancel', force: random() < 0.7 };
  if (trial === 'power') return { kind: 'power', seed: Math.floor(random() * 2 ** 31) };
  if (trial === 'kill') return isWrite && random() < 0.4 ? { kind: 'torn-kill', share: random() } : { kind: 'kill' };
  const choice = random();
  const code = pick(codes, random);
  if (isWrite && choice < 0.2) return { kind: 'short', share: random() };
  if (isWrite && choice < 0.5) return { kind: 'fail', code, share: random() };
  return choice < 0.75 ? { kind: 'fail', code } : { kind: 'fill', code };
}
