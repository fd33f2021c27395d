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
  /**
   * Whether a request that was sent late counts from when it was due: true for a rate that has to be kept, false where
   * more is offered than can be.
   */
  readonly fromDue?: boolean;
}

/** Sends a burst; a request carries its person's token of that moment. */
export async function shoot(burst: Burst): Promise<Hits> {
  const { url, shooters, seconds, connections, perSecond, fromDue = true } = burst;
  const base = new URL(url);
  const result = await autocannon({
    url: base.origin,
    duration: seconds,
    connections,
    timeout: 20,
    ignoreCoordinatedOmission: !fromDue,
    ...(perSecond === undefined ? {} : { overallRate: perSecond }),
    requests: shooters.map(({ person, next }) => ({
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
    })),
  });
  const stats = result.statusCodeStats as unknown as Record<string, { count: number }> | undefined;
  const shed = stats?.['429']?.count ?? 0;
  const good = result['2xx'];
  return {
    goodPerSecond: good / result.duration,
    good,
    shed,
    failed: result.non2xx - shed + result.errors,
    failures: failuresOf(stats ?? {}, result.errors),
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
}

function failuresOf(stats: Readonly<Record<string, { count: number }>>, unanswered: number): string {
  const answers = Object.entries(stats).filter(([status]) => !status.startsWith('2') && status !== '429');
  const parts = answers.map(([status, { count }]) => `${status} × ${count}`);
  return [...parts, ...(unanswered === 0 ? [] : [`no answer × ${unanswered}`])].join(', ');
}
