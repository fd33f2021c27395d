import autocannon from 'autocannon';
import type { Person } from '../stand/people.ts';
import type { Shot } from './routes.ts';

/** What came of a burst of requests. */
export interface Hits {
  /** Answers with success per second. */
  readonly goodPerSecond: number;
  readonly good: number;
  /** Answers 429. */
  readonly shed: number;
  /** Other answers, broken connections and time-outs. */
  readonly failed: number;
  /** The other answers by status, and the rest: `503 × 12, no answer × 3`. */
  readonly failures: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Who sends what to which address, how long and how fast. */
export interface Burst {
  /** With version. */
  readonly url: string;
  /** Taken in turn. */
  readonly shooters: readonly { readonly person: Person; readonly next: () => Shot }[];
  readonly seconds: number;
  readonly connections: number;
  /** Requests a second of all connections together; as fast as they are answered unless given. */
  readonly perSecond?: number;
}

/** Sends a burst. With a rate, each connection sends its share at the beginning of every second. */
export async function shoot(burst: Burst): Promise<Hits> {
  const { url, shooters, seconds, connections, perSecond } = burst;
  const base = new URL(url);
  const result = await autocannon({
    url: base.origin,
    duration: seconds,
    connections,
    timeout: 20,
    ...(perSecond === undefined ? {} : { overallRate: perSecond }),
    requests: requestsOf(base, shooters),
  });
  return { ...countsOf(tallyOf(result), result.duration), p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
}

/** The requests that a burst takes in turn; each carries its person's token of that moment. */
function requestsOf(base: URL, shooters: Burst['shooters']): autocannon.Request[] {
  return shooters.map(({ person, next }) => ({
    setupRequest: (request: autocannon.Request) => {
      const shot = next();
      const body = shot.body === undefined ? undefined : JSON.stringify(shot.body);
      return {
        ...request,
        method: shot.method,
        path: `${base.pathname}${shot.path}`,
        headers: {
          authorization: `Bearer ${person.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
      } as autocannon.Request;
    },
  }));
}

/** Answers by status, and requests without one. */
export interface Tally {
  readonly byStatus: Readonly<Record<string, number>>;
  readonly unanswered: number;
}

/** Judges answers: 2xx are good, 429 were turned away, all else failed. */
export function countsOf({ byStatus, unanswered }: Tally, seconds: number): Omit<Hits, 'p50Ms' | 'p99Ms'> {
  const sumOf = (isMeant: (status: string) => boolean): number =>
    Object.entries(byStatus).reduce((sum, [status, count]) => (isMeant(status) ? sum + count : sum), 0);
  const good = sumOf(isGood);
  return {
    goodPerSecond: good / seconds,
    good,
    shed: sumOf(isShed),
    failed: sumOf((status) => !isGood(status) && !isShed(status)) + unanswered,
    failures: failuresOf(byStatus, unanswered),
  };
}

/** Whether a status means that what was asked for is done. */
export const isGood = (status: string): boolean => status.startsWith('2');

/** Whether a status means that the request was turned away. */
export const isShed = (status: string): boolean => status === '429';

function tallyOf({ statusCodeStats, errors }: autocannon.Result): Tally {
  const stats = Object.entries((statusCodeStats ?? {}) as Record<string, { count: number }>);
  return { byStatus: Object.fromEntries(stats.map(([status, { count }]) => [status, count])), unanswered: errors };
}

function failuresOf(byStatus: Readonly<Record<string, number>>, unanswered: number): string {
  const answers = Object.entries(byStatus).filter(([status]) => !isGood(status) && !isShed(status));
  const parts = answers.map(([status, count]) => `${status} × ${count}`);
  return [...parts, ...(unanswered === 0 ? [] : [`no answer × ${unanswered}`])].join(', ');
}
