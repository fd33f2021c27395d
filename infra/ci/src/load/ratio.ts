import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPeople } from '../stand/people.ts';
import type { Person } from '../stand/people.ts';
import { freePort } from '@steward/service-kit/test-support';
import type { ServiceProcess } from '../stand/service-process.ts';
import { Stand, serviceNames } from '../stand/stand.ts';
import type { ServiceName } from '../stand/stand.ts';
import { freshValueOf, groupsOf, withoutConditions } from './bare-plan.ts';
import type { BareRoute, BareTurn } from './bare-plan.ts';
import type { LoadOptions } from './options.ts';
import { judged, median, told } from './report.ts';
import type { Finding } from './report.ts';
import { hotRoutes } from './routes.ts';
import type { HotRoute, Shot } from './routes.ts';
import { shoot } from './shoot.ts';
import type { Burst } from './shoot.ts';

const peopleCount = 40;
const connections = 16;
const aim = 0.8;

interface Prepared {
  readonly route: HotRoute;
  readonly shooters: readonly { readonly person: Person; readonly next: () => Shot }[];
  readonly bare: BareRoute;
}

/**
 * Each hot route's throughput as a share of what a bare Express handler reaches that makes the same calls of the
 * engine, in rounds that alternate between the two when both run warm; the median round counts.
 * @param bareScript the bundled `bare-server.ts`
 */
export async function measureRatios(root: string, bareScript: string, options: LoadOptions): Promise<Finding[]> {
  const stand = await Stand.start(root);
  const { people, stop } = await createPeople(stand.issuer, peopleCount);
  try {
    const noted = await startServices(stand, true);
    const prepared: Prepared[] = [];
    const isWanted = ({ name }: HotRoute): boolean =>
      options.routes.length === 0 || options.routes.some((text) => name.includes(text));
    for (const route of hotRoutes.filter(isWanted)) prepared.push(await prepare(stand, route, people));
    // What is measured reaches the engine without the proxy, as the bare handler does.
    await Promise.all(noted.map(({ process }) => process.stop()));
    const started = await startServices(stand, false);
    const findings: Finding[] = [];
    for (const { name, process } of started.toReversed()) {
      // From the last to the first, as the table of routes says.
      const routes = prepared.filter(({ route }) => route.service === name).toReversed();
      if (routes.length === 0) continue;
      // A bare process of its own: one for all services would have run warm long before the later ones.
      const bare = await startBare(stand, bareScript, routes);
      for (const { route, shooters } of routes)
        findings.push(...(await compare(process, bare, route, shooters, options)));
      await bare.stop();
    }
    return findings;
  } finally {
    stop();
    await stand.close();
  }
}

/** Starts the services one after the other, so that they do not wait for each other's start. */
async function startServices(
  stand: Stand,
  viaProxy: boolean,
): Promise<{ readonly name: ServiceName; readonly process: ServiceProcess }[]> {
  const started = [];
  for (const name of serviceNames) {
    const process = stand.service(name, { viaProxy });
    await process.start();
    started.push({ name, process });
  }
  return started;
}

async function startBare(stand: Stand, script: string, routes: readonly Prepared[]): Promise<ServiceProcess> {
  const file = join(stand.folder, 'bare-routes.json');
  await writeFile(file, JSON.stringify(routes.map(({ bare }) => bare)));
  const bare = stand.script(script, { BARE_ROUTES_FILE: file }, await freePort());
  await bare.start();
  return bare;
}

async function prepare(stand: Stand, route: HotRoute, people: readonly Person[]): Promise<Prepared> {
  const shooters = [];
  for (const person of people)
    shooters.push({
      person,
      next: await route.prepare(async (shot) => (await call(stand, route, person, shot)).body, person),
    });
  const turns: BareTurn[] = [];
  let url = '';
  let method = '';
  for (const { person, next } of shooters) {
    // Once before it is noted, so that keys, lists and connections are there.
    await call(stand, route, person, next());
    const shot = next();
    turns.push(await turnOf(stand, route, person, shot));
    // One address for all turns: the bare handler has nobody to tell apart.
    if (url === '') [url, method] = [`/v1${shot.path}`, shot.method];
  }
  const bare: BareRoute = { method, url, turns, ...(route.fresh === undefined ? {} : { fresh: route.fresh }) };
  return { route, shooters, bare };
}

/** What the service does for one person's request, noted while it does it. */
async function turnOf(stand: Stand, route: HotRoute, person: Person, shot: Shot): Promise<BareTurn> {
  let answer: Awaited<ReturnType<typeof call>> | undefined;
  const calls = await stand.proxy.note(async () => {
    answer = await call(stand, route, person, shot);
  });
  const groups = groupsOf(calls);
  const freshValue = route.fresh === undefined ? undefined : freshValueOf(shot.body, route.fresh);
  return {
    groups: route.rewrites === true ? withoutConditions(groups) : groups,
    status: answer?.status ?? 0,
    body: answer?.body,
    ...(freshValue === undefined ? {} : { freshValue }),
  };
}

async function call(stand: Stand, route: HotRoute, person: Person, shot: Shot) {
  const response = await fetch(`${stand.url(route.service)}${shot.path}`, {
    method: shot.method,
    headers: {
      authorization: `Bearer ${person.token}`,
      ...(shot.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(shot.body === undefined ? {} : { body: JSON.stringify(shot.body) }),
  });
  const body = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(`${route.name} answered ${response.status}: ${JSON.stringify(body)}`);
  return { status: response.status, body };
}

/** Runs the action; resolves to its result and the processor time that the process used meanwhile. */
async function withCpu<T>(process: ServiceProcess, action: () => Promise<T>): Promise<[T, number]> {
  const before = (await process.cpuMs()) ?? NaN;
  const result = await action();
  return [result, ((await process.cpuMs()) ?? NaN) - before];
}

async function compare(
  serviceProcess: ServiceProcess,
  bareProcess: ServiceProcess,
  route: HotRoute,
  shooters: Prepared['shooters'],
  options: LoadOptions,
): Promise<Finding[]> {
  const common = { seconds: options.roundSeconds, connections };
  // The bare handler has one address for all people, and takes their calls in turn.
  const [only] = shooters;
  const bareShooters = only === undefined ? [] : [only];
  await warmUp(options, { ...common, url: serviceProcess.url, shooters });
  await warmUp(options, { ...common, url: bareProcess.url, shooters: bareShooters });
  const rounds: { ratio: number; service: number; bare: number; failed: number; cpu: number }[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const [bare, bareCpu] = await withCpu(bareProcess, () =>
      shoot({ ...common, url: bareProcess.url, shooters: bareShooters }),
    );
    const [service, serviceCpu] = await withCpu(serviceProcess, () =>
      shoot({ ...common, url: serviceProcess.url, shooters }),
    );
    rounds.push({
      ratio: service.goodPerSecond / bare.goodPerSecond,
      service: service.goodPerSecond,
      bare: bare.goodPerSecond,
      cpu: bareCpu / bare.good / (serviceCpu / service.good),
      failed: service.failed + service.shed + bare.failed,
    });
  }
  const perSecond = `${Math.round(median(rounds.map(({ service }) => service)))}/s of ${Math.round(median(rounds.map(({ bare }) => bare)))}/s`;
  const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
  const ratio = median(rounds.map((round) => round.ratio));
  return [
    route.notJudged === undefined
      ? judged(`ratio, ${route.name}`, ratio, { atLeast: aim })
      : told(`ratio, ${route.name}`, `${ratio.toFixed(2)}, not judged: ${route.notJudged}`),
    told(`  requests, ${route.name}`, failed === 0 ? perSecond : `${perSecond}, ${failed} refused or failed`),
    told(`  by processor time, ${route.name}`, median(rounds.map(({ cpu }) => cpu)).toFixed(2)),
  ];
}

/** Code that is not compiled yet says nothing about the next hour: sends requests until the process runs warm. */
async function warmUp(options: LoadOptions, burst: Omit<Burst, 'seconds'>): Promise<void> {
  let answers = 0;
  for (let second = 0; second < options.warmSeconds && answers < options.warmAnswers; second += 1)
    answers += (await shoot({ ...burst, seconds: 1 })).good;
}
