import { unbroken, runOnce } from './run.ts';
import { agreed, keyOf, pointsOf } from './points.ts';
import type { Point } from './points.ts';
import type { Reference } from './verdict.ts';
import type { World } from './world.ts';

/** What every run is compared with, and everything that can be struck. */
export interface Survey {
  /** By name of the scenario. */
  readonly references: ReadonlyMap<string, Reference>;
  readonly points: readonly Point[];
}

/** How a campaign looks for points. */
export interface SurveyOptions {
  readonly runtimeFile: string;
  /** Deaths of each scenario, spread over it, whose next lives are looked through for points of their own. */
  readonly resumes: number;
  /** Only this scenario, where its points are known already. */
  readonly only?: string;
}

/** Runs the scenarios unbroken to find their points, then lets some die to find those of a life that comes back. */
export async function survey(worlds: readonly World[], options: SurveyOptions): Promise<Survey> {
  const references = new Map<string, Reference>();
  const points: Point[] = [];
  const waiting = worlds[0]!.scenarios.filter(({ name }) => options.only === undefined || options.only === name);
  const lane = async (world: World): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name } = next;
      const found = await surveyOne(world, name, options);
      references.set(name, found.reference);
      points.push(...found.points);
    }
  };
  await Promise.all(worlds.map(lane));
  return { references, points: points.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) };
}

async function surveyOne(
  world: World,
  name: string,
  { runtimeFile, resumes, only }: SurveyOptions,
): Promise<{ reference: Reference; points: Point[] }> {
  // Addresses in a scenario are those of its world.
  const scenario = world.scenarios.find((candidate) => candidate.name === name)!;
  const first = await unbroken(world, scenario, runtimeFile);
  if (only !== undefined) return { reference: first.reference, points: [] };
  const second = await unbroken(world, scenario, runtimeFile);
  const own = agreed([pointsOf(name, first.hits), pointsOf(name, second.hits)]);
  const { reference } = first;
  return { reference, points: [...own, ...(await comingBack(world, own, reference, runtimeFile, resumes))] };
}

/** Points that only a life passes which goes on after a death. */
async function comingBack(
  world: World,
  points: readonly Point[],
  reference: Reference,
  runtimeFile: string,
  resumes: number,
): Promise<Point[]> {
  const known = new Set(points.map(keyOf));
  const found: Point[] = [];
  const places = points.flatMap((point) => point.at.map((place, index) => ({ point, place, occurrence: index + 1 })));
  places.sort((a, b) => a.place - b.place);
  for (let nth = 0; nth < resumes; nth += 1) {
    const { point, place, occurrence } = places[Math.floor(((nth + 0.5) / resumes) * places.length)]!;
    const { scenario, moment } = point;
    const behind = { point: point.point, moment, occurrence, act: { kind: 'kill' } } as const;
    const { hits } = await runOnce(world, planOfOne(scenario, behind), reference, runtimeFile);
    for (const candidate of pointsOf(scenario, hits[1] ?? [])) {
      if (known.has(keyOf(candidate))) continue;
      known.add(keyOf(candidate));
      found.push({ ...candidate, at: candidate.at.slice(0, 1), behind, behindAt: place });
    }
  }
  return found;
}

function planOfOne(scenario: string, strike: Point['behind'] & object): Parameters<typeof runOnce>[1] {
  return {
    seed: 0,
    scenario,
    strikes: [[strike]],
    lostAnswers: 0,
    repeatedRequests: 0,
    servicesDieAt: 0,
    cancelled: false,
    allow: { toolFailures: false, powerLost: false },
  };
}
