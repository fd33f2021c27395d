import { unknownConversation } from '../harness/life.ts';
import { pointsOf } from '../harness/points.ts';
import type { Point } from '../harness/points.ts';
import { judge, threadOf } from '../harness/verdict.ts';
import type { Reference } from '../harness/verdict.ts';
import type { World } from '../harness/world.ts';
import type { Strike } from '../seam/plan.ts';
import { hostLife } from './host-life.ts';
import type { HostSetup } from './host-life.ts';

/** What deaths of the host came to. */
export interface HostCampaignResult {
  readonly points: number;
  readonly kills: number;
  /** What was wrong, each with the point that it happened at. */
  readonly problems: readonly string[];
}

const strict = { toolFailures: false, powerLost: false };
const mostLives = 4;

/**
 * Kills the desktop host, which supervises a real runtime, at points of its own: `count` of them, spread evenly over
 * all that an unbroken conversation passes. Afterwards a new host goes on, and what is left is judged as ever.
 */
export async function hostCampaign(world: World, setup: HostSetup, count: number): Promise<HostCampaignResult> {
  const [scenario] = world.scenarios;
  world.prepare(scenario!);
  world.services.anyToken = true;
  const first = unknownConversation();
  const { hits } = await hostLife(world, scenario!, first, [], setup);
  const reference: Reference = { thread: threadOf(world, first.messages), tree: world.tree() };
  const points = pointsOf(scenario!.name, hits);
  const problems = problemsOf(world, first, reference);
  let kills = 0;
  for (let nth = 0; nth < count; nth += 1) {
    const point = points[Math.floor(((nth + 0.5) / count) * points.length)]!;
    const strike = killAt(point);
    const known = unknownConversation();
    world.prepare(scenario!);
    let end = await hostLife(world, scenario!, known, [strike], setup);
    if (end.kind === 'died') kills += 1;
    for (let life = 1; end.kind === 'died' && life < mostLives; life += 1)
      end = await hostLife(world, scenario!, known, [], setup);
    const at = `${strike.moment} ${strike.point}`;
    problems.push(...problemsOf(world, known, reference).map((text) => `${at}: ${text}`));
  }
  return { points: points.length, kills, problems };
}

function killAt({ point, moment }: Point): Strike {
  return { point, moment, occurrence: 1, act: { kind: 'kill' } };
}

function problemsOf(world: World, known: ReturnType<typeof unknownConversation>, reference: Reference): string[] {
  const { lost, doubled, wrong } = judge(world, world.scenarios[0]!, known, reference, strict);
  return [...lost, ...doubled, ...wrong];
}
