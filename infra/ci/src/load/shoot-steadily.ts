import { createHistogram } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import autocannon from 'autocannon';
import { countsOf, requestsOf } from './shoot.ts';
import type { Burst, Hits } from './shoot.ts';

/** Who sends what to which address, how long, and how many requests a second. */
export type SteadyRate = Pick<Burst, 'url' | 'shooters' | 'seconds'> & {
  readonly perSecond: number;
  /** Whether the latencies are also those of refusals; without, they are those of successes. */
  readonly withRefusals?: boolean;
};

const mostSenders = 20;

/**
 * Sends requests evenly over each second: as many connections as requests, each with one a second, begun a few at a time
 * one after the other. autocannon's own rate sends what is due in a second at its beginning, which measures how long a crowd takes; and
 * its correction for late requests takes a connection's interval for one millisecond, so that a slow answer counts as
 * often as it has milliseconds.
 */
export async function shootSteadily(rate: SteadyRate): Promise<Hits> {
  const { url, shooters, seconds, perSecond, withRefusals = false } = rate;
  const base = new URL(url);
  const microseconds = createHistogram();
  const count = Math.min(perSecond, mostSenders);
  const senders = Array.from({ length: count }, async (_, at) => {
    await setTimeout((1000 * at) / count);
    const connections = Math.floor((perSecond * (at + 1)) / count) - Math.floor((perSecond * at) / count);
    const first = Math.floor((shooters.length * at) / count);
    return sendEverySecond(
      {
        url: base.origin,
        duration: seconds,
        connections,
        connectionRate: 1,
        timeout: 20,
        // Everybody sends as much as the others, and never all of them as one person.
        requests: requestsOf(base, [...shooters.slice(first), ...shooters.slice(0, first)]),
      },
      (status, tookMs) => {
        if (status >= 300 && !withRefusals) return;
        for (const ms of latenciesOf(tookMs)) microseconds.record(Math.max(1, Math.round(1000 * ms)));
      },
    );
  });
  const counts = countsOf(await Promise.all(senders), seconds);
  return { ...counts, p50Ms: microseconds.percentile(50) / 1000, p99Ms: microseconds.percentile(99) / 1000 };
}

/** Resolves at the end. @param onAnswer told how many milliseconds each answer took */
function sendEverySecond(
  options: autocannon.Options,
  onAnswer: (status: number, tookMs: number) => void,
): Promise<autocannon.Result> {
  return new Promise((resolve, reject) => {
    const sender = autocannon(options, (error: Error | null, result) =>
      error === null ? resolve(result) : reject(error),
    );
    sender.on('response', (_client, status, _bytes, tookMs) => onAnswer(status, tookMs));
  });
}

/**
 * What one answer says of a connection with one request a second: it took this long, and so did, less what had passed,
 * each request that was due meanwhile and could not be sent.
 */
export function latenciesOf(tookMs: number): number[] {
  return Array.from({ length: Math.max(1, Math.ceil(tookMs / 1000)) }, (_, missed) => tookMs - 1000 * missed);
}
