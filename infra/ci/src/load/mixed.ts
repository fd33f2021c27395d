import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createPeople } from '../stand/people.ts';
import type { Person } from '../stand/people.ts';
import { Stand, serviceNames } from '../stand/stand.ts';
import type { ServiceName } from '../stand/stand.ts';
import { CollectedMemory, probeEnvironment } from './collected-memory.ts';
import { Crowd } from './crowd.ts';
import type { LoadOptions } from './options.ts';
import { judged, told } from './report.ts';
import type { Finding } from './report.ts';
import { approvalRequest, auditEvent, handshake } from './routes.ts';
import type { Shot } from './routes.ts';
import { growthPerHour } from './trend.ts';
import type { Sample } from './trend.ts';
import type { Hits } from './shoot.ts';

/** Requests a second by service, 200 in all: mostly events and reads, some new rows, few new conversations. */
const shares: Readonly<Record<ServiceName, number>> = {
  audit: 60,
  session: 50,
  approval: 40,
  workspace: 20,
  policy: 15,
  telemetry: 10,
  tools: 5,
};
const peopleCount = 60;

/** The mixed run: 200 requests a second to all services; latency, errors, and the growth of memory. */
export async function measureMixed(root: string, options: LoadOptions): Promise<Finding[]> {
  const stand = await Stand.start(root);
  const { people, stop } = await createPeople(stand.issuer, peopleCount);
  try {
    const memories: [ServiceName, CollectedMemory][] = [];
    for (const name of serviceNames) {
      const file = join(stand.folder, `${name}.memory`);
      const process = stand.service(name, { env: probeEnvironment(file) });
      await process.start();
      memories.push([name, new CollectedMemory(process, file)]);
    }
    const shots = await shotsOf(stand, people);
    const crowds = serviceNames.map((name) => [name, new Crowd(stand.url(name), shares[name])] as const);
    const run = async (seconds: number): Promise<Hits[]> =>
      Promise.all(
        crowds.map(([name, crowd]) =>
          crowd.shoot({
            seconds,
            perSecond: shares[name],
            shooters: people.map((person) => ({ person, next: shots[name](person) })),
          }),
        ),
      );
    await run(Math.min(60, Math.max(5, options.mixedSeconds / 5)));
    const watch = await watchMemory(memories);
    const hits = await run(options.mixedSeconds);
    await Promise.all(crowds.map(([, crowd]) => crowd.close()));
    return [...answersOf(hits), ...memoryOf(await watch.stop(), options.mixedSeconds)];
  } finally {
    stop();
    await stand.close();
  }
}

function answersOf(hits: readonly Hits[]): Finding[] {
  const sum = (pick: (hit: Hits) => number): number => hits.reduce((total, hit) => total + pick(hit), 0);
  const all = sum(({ good, shed, failed }) => good + shed + failed);
  return [
    told('mixed run, answers', `${all}, ${Math.round(sum(({ goodPerSecond }) => goodPerSecond))}/s`),
    told('mixed run, p50 of the slowest service', milliseconds(Math.max(...hits.map(({ p50Ms }) => p50Ms)))),
    judged('mixed run, p99 of the slowest service', Math.max(...hits.map(({ p99Ms }) => p99Ms)), {
      atMost: 100,
      unit: ' ms',
    }),
    ...hits.map(({ p50Ms, p99Ms, goodPerSecond }, at) =>
      told(
        `  ${serviceNames[at]}`,
        `${Math.round(goodPerSecond)}/s, p50 ${milliseconds(p50Ms)}, p99 ${milliseconds(p99Ms)}`,
      ),
    ),
    judged('mixed run, errors', (100 * sum(({ shed, failed }) => shed + failed)) / all, { atMost: 0.1, unit: ' %' }),
  ];
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}

/** Between two rounds of readings, and between two processes of one round. */
const roundMs = 5 * 60_000;
const apartMs = 10_000;

/** The memory of every service at about one time. */
interface Reading {
  readonly seconds: number;
  readonly bytes: Readonly<Record<string, number>>;
}

type Memories = readonly (readonly [ServiceName, CollectedMemory])[];

/**
 * Notes the memory that each process holds without garbage, about every six minutes, at the beginning and at the end.
 * Collecting stops a process, and what came meanwhile is caught up with for a second or two. So while requests are measured
 * it is seldom, and one process after the other: otherwise it would be most of what the slowest percent waits for.
 */
async function watchMemory(memories: Memories): Promise<{ stop(): Promise<readonly Reading[]> }> {
  const began = performance.now();
  const readings = [await readMemory(memories, began)];
  const ended = new AbortController();
  const wait = (ms: number): Promise<void> =>
    setTimeout(ms, undefined, { signal: ended.signal }).catch(() => undefined);
  const watching = (async () => {
    for (await wait(roundMs); !ended.signal.aborted; await wait(roundMs))
      readings.push(await readMemory(memories, began, () => wait(apartMs)));
  })();
  return {
    stop: async () => {
      ended.abort();
      await watching;
      readings.push(await readMemory(memories, began));
      return readings;
    },
  };
}

async function readMemory(memories: Memories, began: number, apart?: () => Promise<void>): Promise<Reading> {
  const seconds = (performance.now() - began) / 1000;
  const bytes: Record<string, number> = {};
  for (const [name, memory] of memories) {
    bytes[name] = await memory.read();
    await apart?.();
  }
  return { seconds, bytes };
}

/**
 * Memory grows while code warms up, so the first third of a run does not count; and a run below ten minutes says nothing
 * about an hour.
 */
function memoryOf(readings: readonly Reading[], seconds: number): Finding[] {
  const total = ({ bytes }: Reading): number => Object.values(bytes).reduce((sum, value) => sum + value, 0);
  const lines = [
    memoryLine('  memory of all services', samplesOf(readings, total)),
    ...serviceNames.map((name) =>
      memoryLine(
        `  memory of ${name}`,
        samplesOf(readings, ({ bytes }) => bytes[name]!),
      ),
    ),
  ];
  if (seconds < 600) return lines;
  const settled = readings.filter((reading) => reading.seconds >= seconds / 3);
  const growth = growthPerHour(samplesOf(settled, total));
  return [judged('mixed run, growth of memory', growth, { atMost: 5, unit: ' %/h', digits: 1 }), ...lines];
}

function samplesOf(readings: readonly Reading[], valueOf: (reading: Reading) => number): Sample[] {
  return readings
    .map((reading) => ({ seconds: reading.seconds, value: valueOf(reading) }))
    .filter(({ value }) => Number.isFinite(value));
}

/** Where it stood at the beginning, after one and two thirds, and at the end. */
function memoryLine(name: string, samples: readonly Sample[]): Finding {
  const last = samples.length - 1;
  const places = [0, Math.floor(last / 3), Math.floor((2 * last) / 3), last];
  return told(name, `${places.map((at) => Math.round((samples[at]?.value ?? NaN) / 1e6)).join(', ')} MB`);
}

async function shotsOf(
  stand: Stand,
  people: readonly Person[],
): Promise<Readonly<Record<ServiceName, (person: Person) => () => Shot>>> {
  const sessions = new Map<Person, string>();
  const workspaces = new Map<Person, string>();
  const approvals = new Map<Person, string>();
  const make = async (
    service: ServiceName,
    person: Person,
    path: string,
    body: object,
  ): Promise<Record<string, string>> => {
    const response = await fetch(`${stand.url(service)}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Record<string, string>;
  };
  for (const person of people) {
    const session = await make('session', person, '/sessions', handshake());
    sessions.set(person, session['sessionId'] ?? '');
    workspaces.set(person, session['workspaceId'] ?? '');
    approvals.set(person, (await make('approval', person, '/approvals', approvalRequest()))['approvalId'] ?? '');
  }
  const read = (path: string): Shot => ({ method: 'GET', path });
  const write = (path: string, body: Record<string, unknown>): Shot => ({ method: 'POST', path, body });
  /** One in `n` requests of a person is the rare one; people don't send theirs at the same time. */
  const mix = (person: Person, n: number, rare: () => Shot, usual: () => Shot): (() => Shot) => {
    let count = people.indexOf(person);
    return () => ((count += 1) % n === 0 ? rare() : usual());
  };
  return {
    session: (person) =>
      mix(
        person,
        10,
        () => write('/sessions', handshake()),
        () => read(`/sessions/${sessions.get(person)}`),
      ),
    workspace: (person) =>
      mix(
        person,
        4,
        () => read('/workspaces'),
        () => read(`/workspaces/${workspaces.get(person)}`),
      ),
    policy: () => () => read('/kill-switch'),
    approval: (person) =>
      mix(
        person,
        2,
        () => write('/approvals', approvalRequest()),
        () => read(`/approvals/${approvals.get(person)}`),
      ),
    audit: (person) =>
      mix(
        person,
        5,
        () => read('/events?limit=5'),
        () => write('/audit/events', { events: [auditEvent(person)] }),
      ),
    telemetry: () => () => write('/telemetry/traces', { resourceSpans: [] }),
    tools: () => () => read('/tools'),
  };
}
