import { createHistogram } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { Client } from 'undici';
import { countsOf, isGood, isShed } from './shoot.ts';
import type { Burst, Hits } from './shoot.ts';

/** Who sends what, how long, and how many requests a second. */
export type SteadyRate = Pick<Burst, 'shooters' | 'seconds'> & {
  readonly perSecond: number;
  /** Seconds before those that are counted. */
  readonly settleSeconds?: number;
  /** Whether the latencies are also those of refusals; without, they are those of successes. */
  readonly withRefusals?: boolean;
};

const timeoutMs = 20_000;
/** Longer than the pauses between two shootings. */
const keptAliveMs = 60_000;
const connectingAtOnce = 20;

/**
 * Connections to one service over which requests go out evenly: each when it is due, whatever became of those before it.
 * autocannon has no such rate: each of its connections counts seconds of its own, which begin anew whenever its timer
 * comes, so that they drift together into bursts with silence between them. Whoever made it closes it.
 */
export class Crowd {
  readonly #base: URL;
  readonly #clients: readonly Client[];

  /** @param url with version */
  constructor(url: string, connections: number) {
    this.#base = new URL(url);
    const options = {
      pipelining: 1,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      keepAliveTimeout: keptAliveMs,
    };
    this.#clients = Array.from({ length: connections }, () => new Client(this.#base.origin, options));
  }

  /** Opens all connections by a probe each, a few at a time. */
  async connect(): Promise<void> {
    const waiting = [...this.#clients];
    const connectSome = async (): Promise<void> => {
      for (let client = waiting.pop(); client !== undefined; client = waiting.pop()) {
        const { body } = await client.request({ method: 'GET', path: '/healthz' });
        await body.dump();
      }
    };
    await Promise.all(Array.from({ length: connectingAtOnce }, connectSome));
  }

  /**
   * Sends, and resolves when all is answered. An answer takes from when its request was due, so that one that had to wait
   * for its connection says so. What failed counts whenever it did, the rest when it was answered in the counted seconds.
   */
  async shoot(rate: SteadyRate): Promise<Hits> {
    const { shooters, seconds, perSecond, settleSeconds = 0, withRefusals = false } = rate;
    const microseconds = createHistogram();
    const byStatus: Record<string, number> = {};
    let unanswered = 0;
    const beganMs = performance.now();
    const countedFromMs = beganMs + 1000 * settleSeconds;
    const endsMs = countedFromMs + 1000 * seconds;

    const sendAt = async (index: number): Promise<void> => {
      const status = await this.#send(index, shooters[index % shooters.length]!);
      const nowMs = performance.now();
      if (status === undefined) {
        unanswered += 1;
        return;
      }
      const isCounted = nowMs >= countedFromMs && nowMs < endsMs;
      if (isCounted || !(isGood(status) || isShed(status))) byStatus[status] = (byStatus[status] ?? 0) + 1;
      if (!isCounted || !(isGood(status) || withRefusals)) return;
      const dueMs = beganMs + (1000 * index) / perSecond;
      microseconds.record(Math.max(1, Math.round(1000 * (nowMs - dueMs))));
    };

    const underWay = new Set<Promise<void>>();
    let sent = 0;
    for (let nowMs = beganMs; nowMs < endsMs; nowMs = performance.now()) {
      for (; sent <= (perSecond * (nowMs - beganMs)) / 1000; sent += 1) {
        const sending = sendAt(sent).finally(() => underWay.delete(sending));
        underWay.add(sending);
      }
      await setTimeout(1);
    }
    await Promise.all(underWay);
    const counts = countsOf({ byStatus, unanswered }, seconds);
    return { ...counts, p50Ms: microseconds.percentile(50) / 1000, p99Ms: microseconds.percentile(99) / 1000 };
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  /** One request; resolves to the status of its answer, undefined without one. */
  #send(index: number, { person, next }: Burst['shooters'][number]): Promise<string | undefined> {
    const { method, path, body } = next();
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    return new Promise((resolve) => {
      let status: string | undefined;
      // Without a stream for the answer, of which nothing but its status is looked at.
      this.#clients[index % this.#clients.length]!.dispatch(
        {
          method,
          path: `${this.#base.pathname}${path}`,
          headers: { authorization: `Bearer ${person.token}`, ...type },
          body: body === undefined ? null : JSON.stringify(body),
        },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_controller, statusCode) => {
            status = String(statusCode);
          },
          onResponseData: () => undefined,
          onResponseEnd: () => resolve(status),
          onResponseError: () => resolve(undefined),
        },
      );
    });
  }
}
