import { setTimeout } from 'node:timers/promises';
import type { Clock } from '@steward/sdk';
import { logChainPass, systemScope, takeTurn } from '@steward/service-kit';
import type { ChainPass, JobPosition, JobStore, RowPlace, SystemScope, createLogger } from '@steward/service-kit';
import type { EventRepository } from '../events/repository.ts';
import { checkSlice } from './check-slice.ts';
import type { CheckedUpTo } from './check-slice.ts';

/** What the check of chains needs; all of it stays the caller's. */
export interface ChainVerificationDeps {
  readonly events: EventRepository;
  readonly jobs: JobStore;
  readonly clock: Clock;
  readonly logger: Pick<ReturnType<typeof createLogger>, 'info' | 'error'>;
  /** Pause from one pass to the next, among all instances. */
  readonly intervalSeconds: number;
  /** How many rows a pass looks at; 5,000 unless given. */
  readonly rowsPerPass?: number;
  /** Pause from one read of a pass to the next, in which requests are answered; 100 ms unless given. */
  readonly pauseMs?: number;
}

const leaseSeconds = 300;
/** Checked at one go, while requests wait: about 20 ms. */
const rowsPerRead = 100;

/**
 * Checks the hash chains of all streams, a part at a time: each pass goes on where the last one ended, whichever
 * instance made it, and begins anew at the end. A pass writes one line. It ends at the first break, and the next goes on
 * with the stream behind it, so that each broken stream is told once in each round.
 */
export class ChainVerification {
  readonly #deps: ChainVerificationDeps;
  readonly #scope: SystemScope;
  readonly #stopped = new AbortController();

  constructor(deps: ChainVerificationDeps) {
    this.#deps = deps;
    this.#scope = systemScope('chain-verification');
  }

  /** Makes a pass if one is due and no other instance is at it. @returns whether it did; rejects when a store does */
  run(): Promise<boolean> {
    const { jobs, clock, intervalSeconds, logger } = this.#deps;
    const turns = { jobs, scope: this.#scope, clock, intervalSeconds, leaseSeconds };
    return takeTurn(turns, async (position) => {
      const { pass, next } = await this.#pass(position);
      logChainPass(logger, pass);
      return next;
    });
  }

  /** Lets a pass in progress end with the read that it is at; what is left is for the next one. */
  stop(): void {
    this.#stopped.abort();
  }

  async #pass(position: JobPosition): Promise<{ readonly pass: ChainPass; readonly next?: JobPosition }> {
    const { events, rowsPerPass = 5000, pauseMs = 100 } = this.#deps;
    let { after, before } = startOf(position);
    const seen = { events: 0, streams: 0 };
    for (let left = rowsPerPass; left > 0; left -= rowsPerRead) {
      const slice = await events.readSlice(this.#scope, Math.min(left, rowsPerRead), after);
      const result = checkSlice(slice.rows, before);
      seen.events += result.events;
      // A stream that goes on from the read before was counted there.
      const goesOn = seen.streams > 0 && before !== undefined && slice.rows[0]?.place.partition === before.partition;
      seen.streams += result.streams - (goesOn ? 1 : 0);
      if (result.broken !== undefined) {
        const { place, ...broken } = result.broken;
        return { pass: { ...seen, isLast: false, broken }, next: behindStream(place) };
      }
      before = result.last;
      after = slice.next;
      if (after === undefined) return { pass: { ...seen, isLast: true } };
      if (this.#stopped.signal.aborted) break;
      if (left > rowsPerRead) await this.#pause(pauseMs);
    }
    return { pass: { ...seen, isLast: false }, ...(after === undefined ? {} : { next: positionOf(after, before) }) };
  }

  async #pause(ms: number): Promise<void> {
    await setTimeout(ms, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
  }
}

/** The store keeps numbers up to far beyond this one; no stream reaches it. */
function behindStream({ partition }: RowPlace): JobPosition {
  return { partition, sort: Number.MAX_SAFE_INTEGER };
}

function positionOf({ partition, sort }: RowPlace, before: CheckedUpTo | undefined): JobPosition {
  if (before === undefined) return { partition, sort };
  const { head } = before;
  return { partition, sort, checked: before.partition, streamSeq: head.streamSeq, hash: head.hash };
}

function startOf(position: JobPosition): { after: RowPlace | undefined; before: CheckedUpTo | undefined } {
  const { partition, sort, checked, streamSeq, hash } = position;
  const after = partition === undefined || sort === undefined ? undefined : { partition: String(partition), sort };
  if (checked === undefined) return { after, before: undefined };
  return { after, before: { partition: String(checked), head: { streamSeq: Number(streamSeq), hash: String(hash) } } };
}
