import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { inspectJournal } from '@steward/agent-host';
import { seededRandom } from '../random.ts';
import type { Strike } from '../seam/plan.ts';
import { live, sendLeftovers, unknownConversation } from './life.ts';
import type { Known, LifeEnd } from './life.ts';
import type { Scenario } from './scenario.ts';
import { judge, judgeCancelled, threadOf } from './verdict.ts';
import type { Allowances, Reference, Verdict } from './verdict.ts';
import type { World } from './world.ts';

/** What happens to one run: strikes by life of the process, and how the services behave. */
export interface RunPlan {
  readonly seed: number;
  readonly scenario: string;
  readonly strikes: readonly (readonly Strike[])[];
  /** Answers that are lost after the request was stored, and requests that arrive twice, as shares of all. */
  readonly lostAnswers: number;
  readonly repeatedRequests: number;
  /** All services die and come back while they answer this request that changes something; 0 is never. */
  readonly servicesDieAt: number;
  readonly allow: Allowances;
  /** The task is cancelled, so it is judged by itself and not by the unbroken run. */
  readonly cancelled: boolean;
}

/** How one run went. */
export interface RunResult {
  readonly verdict: Verdict;
  readonly unreadable: readonly string[];
  /** Lives of the process before the last one. */
  readonly deaths: number;
  readonly serviceDeaths: number;
  readonly pauses: number;
  /** Strikes that were met. */
  readonly met: readonly Strike[];
  readonly hits: readonly (readonly string[])[];
  readonly failures: readonly string[];
}

/** More than a plan has deaths. */
const mostLives = 12;

/** Runs a scenario without a strike; gives what every other run is compared with, and the points it passed. */
export async function unbroken(
  world: World,
  scenario: Scenario,
  runtimeFile: string,
): Promise<{ reference: Reference; hits: readonly string[] }> {
  world.prepare(scenario);
  const known = unknownConversation();
  const end = await live(world, scenario, known, [], runtimeFile);
  if (end.kind !== 'completed')
    throw new Error(`The unbroken run of ${scenario.name} failed: ${end.reason}\n${end.stderr}`);
  const reference = { thread: threadOf(world, known.messages), tree: world.tree() };
  const verdict = judge(world, scenario, known, reference, { toolFailures: false, powerLost: false });
  const problems = [...verdict.lost, ...verdict.doubled, ...verdict.wrong];
  if (problems.length > 0 || verdict.unknown > 0)
    throw new Error(`The unbroken run of ${scenario.name}: ${problems.join(' ')}`);
  return { reference, hits: end.hits };
}

/** Runs a scenario through every life that its plan cuts short, to the end, and judges what is left. */
export async function runOnce(
  world: World,
  plan: RunPlan,
  reference: Reference,
  runtimeFile: string,
): Promise<RunResult> {
  const scenario = world.scenarios.find(({ name }) => name === plan.scenario)!;
  world.prepare(scenario);
  let crash: Promise<void> | undefined;
  world.services.afterwards = troubleOf(plan, () => {
    crash = world.services.crash();
  });
  const known = unknownConversation();
  const hits: (readonly string[])[] = [];
  const unreadable: string[] = [];
  const failures: string[] = [];
  const met: Strike[] = [];
  let end: LifeEnd | undefined;
  for (let life = 0; life < mostLives && end?.kind !== 'completed'; life += 1) {
    const strikes = plan.strikes[life] ?? [];
    end = await live(world, scenario, known, strikes, runtimeFile);
    hits.push(end.hits);
    met.push(...strikes.filter((strike) => wasMet(strike, end!.hits)));
    if (end.kind === 'stuck') {
      failures.push(`Life ${life + 1}: ${end.reason} ${end.stderr.slice(-600)}`);
      break;
    }
    if (end.kind === 'died') unreadable.push(...journalProblems(world, known));
  }
  await crash;
  if (end?.kind === 'completed') {
    world.services.afterwards = () => undefined;
    const made = world.services.sessions.size;
    if (made !== 1) failures.push(`The Session Service holds ${made} conversations instead of one.`);
    const problem = await sendLeftovers(world, known, runtimeFile);
    if (problem !== undefined) failures.push(problem);
    await world.commandsEnded();
  }
  if (end?.kind === 'died') failures.push('The conversation did not end in any of its lives.');
  const verdict =
    end?.kind === 'completed'
      ? plan.cancelled && known.ended !== 'task_completed'
        ? judgeCancelled(world, scenario, known)
        : judge(world, scenario, known, reference, plan.allow)
      : { lost: [], doubled: [], wrong: [], unknown: 0, proved: 0, zombies: 0 };
  return {
    verdict,
    unreadable,
    deaths: hits.length - 1,
    serviceDeaths: crash === undefined ? 0 : 1,
    pauses: known.pauses,
    met,
    hits,
    failures,
  };
}

/** What happens to each answer of the services: the same for the same request of the same plan, whatever its turn. */
function troubleOf(plan: RunPlan, crash: () => void): World['services']['afterwards'] {
  const counts = new Map<string, number>();
  let requests = 0;
  return (method, path) => {
    if (method === 'GET') return undefined;
    requests += 1;
    if (requests === plan.servicesDieAt) {
      crash();
      return 'drop';
    }
    const name = `${method} ${path.replaceAll(/_[0-9A-Z]{26}/g, '')}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    const chance = seededRandom(crc32(`${plan.seed} ${name} ${counts.get(name)}`))();
    if (chance < plan.lostAnswers) return 'drop';
    return chance < plan.lostAnswers + plan.repeatedRequests ? 'repeat' : undefined;
  };
}

function wasMet({ point, moment, occurrence }: Strike, hits: readonly string[]): boolean {
  return hits.filter((hit) => hit === `${moment} ${point}`).length >= occurrence;
}

/** A journal after a death: whole, or with a torn end; anything else is a finding. */
function journalProblems(world: World, { sessionId }: Known): string[] {
  if (sessionId === undefined) return [];
  let data: Buffer;
  try {
    data = readFileSync(join(world.home, 'runtime', 'sessions', sessionId, 'journal.log'));
  } catch {
    // Before the first record, or after the end: the next life says which.
    return [];
  }
  const report = inspectJournal(data);
  return report.state === 'damaged' ? [`The journal is damaged at byte ${report.validBytes}.`] : [];
}
