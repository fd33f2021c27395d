import { pick, seededRandom } from '../random.ts';
import type { Act, Strike } from '../seam/plan.ts';
import { keyOf } from './points.ts';
import type { Point } from './points.ts';
import type { RunPlan } from './run.ts';

/** What is tried: deaths of the process, failures of the disk, losses of power, cancellations, deaths of commands. */
export const allTrials = ['kill', 'disk', 'power', 'cancel', 'tool'] as const;

/** One of them. */
export type Trial = (typeof allTrials)[number];

/** A trial at a point, which is the first that its run strikes. */
export interface Target {
  readonly trial: Trial;
  readonly point: Point;
}

const writes = /^(?:writeSync|writeFileSync) /;
const disk = /^(?:\w+Sync|fsync|fdatasync) /;
/** Only the runtime's own files: a failing disk under the project is the tool's failure, told as such. */
const ownFile =
  /\((?:journal-files|session-lock|session-opener|session-lease|durable-json|kept-names|content-store)\)$/;
const commandRuns = /^(?:spawn |send tool_output_chunk )/;
const codes = ['ENOSPC', 'EIO', 'EROFS', 'EDQUOT'];
const fewestDeaths = 2;
const mostDeaths = 7;
const mostFaults = 4;
/** About as many requests that change something reach the services in a run. */
const requestsOfRun = 12;
/** A life that comes back does not pass again what was done, and a death may have come a little later than planned. */
const margin = 12;

/** Whether a kind of trial makes sense at a point. */
export function suits(trial: Trial, { point, moment, behind }: Point): boolean {
  if (trial === 'kill' || trial === 'power') return true;
  if (behind !== undefined) return false;
  // Only here a command surely runs.
  if (trial === 'tool') return commandRuns.test(point) && moment === 'after';
  if (trial === 'disk') return moment === 'before' && disk.test(point) && ownFile.test(point);
  return true;
}

/**
 * The plan of one seed for one target. Pure: the same seed, target, points and strikes so far give the same plan. The
 * first strike is the target's; further deaths follow at those points that later lives can still reach from there and
 * that were struck least often.
 * @param points all points of the target's scenario
 * @param struck deaths so far by `keyOf`
 */
export function planRun(
  { trial, point: target }: Target,
  points: readonly Point[],
  seed: number,
  struck: ReadonlyMap<string, number>,
): RunPlan {
  const random = seededRandom(seed);
  const nth = Math.floor(random() * target.at.length);
  const strikes: Strike[][] = target.behind === undefined ? [] : [[target.behind]];
  strikes.push([strikeAt(trial, target, 1 + nth, random)]);
  const place = target.behindAt ?? target.at[nth]!;
  if (trial === 'kill' || trial === 'power')
    strikes.push(...laterDeaths(points, place, struck, random).map((strike) => [strike]));
  if (trial === 'disk') strikes[0]!.push(...laterFaults(points, place, random));
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
    allow: { toolFailures: trial === 'disk' || trial === 'tool', powerLost: trial === 'power' },
  };
}

/** A life begins where the one before died, so each death is a little further on in the conversation. */
function laterDeaths(
  points: readonly Point[],
  from: number,
  struck: ReadonlyMap<string, number>,
  random: () => number,
): Strike[] {
  const strikes: Strike[] = [];
  const wanted = fewestDeaths + Math.floor(random() * (mostDeaths - fewestDeaths));
  const end = Math.max(...points.flatMap(({ at, behind }) => (behind === undefined ? at : [])));
  for (let place = from; strikes.length < wanted;) {
    const reach = Math.max(3 * margin, (end - place) / (wanted - strikes.length));
    const reachable = reachableFrom(points, place + margin, place + margin + reach);
    const counts = reachable.map(({ point }) => struck.get(keyOf(point)) ?? 0);
    const fewest = Math.min(...counts);
    const next = pickOne(
      reachable.filter((_, index) => counts[index] === fewest),
      random,
    );
    if (next === undefined) break;
    // Counted by the life that begins here: the first time that it passes the point.
    strikes.push(strikeAt('kill', next.point, 1, random));
    place = next.place;
  }
  return strikes;
}

/** One life goes on after each fault, so its occurrences are those of the unbroken run. A full disk is filled once. */
function laterFaults(points: readonly Point[], from: number, random: () => number): Strike[] {
  const strikes: Strike[] = [];
  const suitable = points.filter((point) => suits('disk', point));
  const wanted = Math.floor(random() * mostFaults);
  for (let place = from; strikes.length < wanted;) {
    const next = pickOne(reachableFrom(suitable, place + margin, Infinity), random);
    if (next === undefined) break;
    const strike = strikeAt('disk', next.point, 1 + next.point.at.indexOf(next.place), random);
    strikes.push(strike.act.kind === 'fill' ? { ...strike, act: { kind: 'fail', code: strike.act.code } } : strike);
    place = next.place;
  }
  return strikes;
}

interface Place {
  readonly point: Point;
  readonly place: number;
}

function reachableFrom(points: readonly Point[], from: number, to: number): Place[] {
  return points.flatMap((point) => {
    const place = point.behind === undefined ? point.at.find((at) => at >= from && at <= to) : undefined;
    return place === undefined ? [] : [{ point, place }];
  });
}

function pickOne(places: readonly Place[], random: () => number): Place | undefined {
  return places.length === 0 ? undefined : pick(places, random);
}

function strikeAt(trial: Trial, { point, moment }: Point, occurrence: number, random: () => number): Strike {
  return { point, moment, occurrence, act: actFor(trial, { point, moment }, random) };
}

function actFor(trial: Trial, { point, moment }: Pick<Point, 'point' | 'moment'>, random: () => number): Act {
  const isWrite = moment === 'before' && writes.test(point);
  if (trial === 'cancel') return { kind: 'cancel', force: random() < 0.7 };
  if (trial === 'tool') return { kind: 'kill-tool' };
  if (trial === 'power') return { kind: 'power', seed: Math.floor(random() * 2 ** 31) };
  if (trial === 'kill' && isWrite && random() < 0.4) return { kind: 'torn-kill', share: random() };
  if (trial === 'kill')
    return commandRuns.test(point) && random() < 0.4 ? { kind: 'kill', tools: true } : { kind: 'kill' };
  const choice = random();
  const code = pick(codes, random);
  if (isWrite && choice < 0.2) return { kind: 'short', share: random() };
  if (isWrite && choice < 0.5) return { kind: 'fail', code, share: random() };
  return choice < 0.75 ? { kind: 'fail', code } : { kind: 'fill', code };
}
