import type { Clock } from '@steward/sdk';
import type { TenantScope } from '@steward/service-kit';
import type { StoredEvent, StreamKey } from '../events/event.ts';
import type { EventNotifier } from '../events/notifier.ts';
import type { EventRepository } from '../events/repository.ts';

/** How often a reader looks by itself, and how long it stays silent at most. */
export interface TailTimes {
  /** Finds what other instances stored; 1000 unless given. */
  readonly pollMs?: number;
  /** 15000 unless given. */
  readonly heartbeatMs?: number;
}

/** Follows streams: what is there, then what comes, each event once and in order. */
export class EventTail {
  readonly #events: EventRepository;
  readonly #notifier: EventNotifier;
  readonly #clock: Clock;
  readonly #pollMs: number;
  readonly #heartbeatMs: number;

  constructor(
    deps: { readonly events: EventRepository; readonly notifier: EventNotifier; readonly clock: Clock } & TailTimes,
  ) {
    this.#events = deps.events;
    this.#notifier = deps.notifier;
    this.#clock = deps.clock;
    this.#pollMs = deps.pollMs ?? 1000;
    this.#heartbeatMs = deps.heartbeatMs ?? 15_000;
  }

  /**
   * Events from a number on until the signal aborts. `heartbeat` stands for a pause without events. The next event is
   * read only when the one before was taken, so a slow reader costs no memory.
   */
  async *follow(
    scope: TenantScope,
    stream: StreamKey,
    fromSeq: number,
    signal: AbortSignal,
  ): AsyncGenerator<StoredEvent | 'heartbeat'> {
    let next = fromSeq;
    let spokeMs = this.#clock.monotonicMs();
    while (!signal.aborted) {
      const waiting = this.#notifier.waitForGrowth(stream, this.#pollMs, signal);
      try {
        for await (const stored of this.#events.readStream(scope, stream, next)) {
          if (signal.aborted) return;
          yield stored;
          next = stored.event.streamSeq + 1;
          spokeMs = this.#clock.monotonicMs();
        }
        await waiting.grown;
      } finally {
        waiting.stop();
      }
      if (!signal.aborted && this.#clock.monotonicMs() - spokeMs >= this.#heartbeatMs) {
        yield 'heartbeat';
        spokeMs = this.#clock.monotonicMs();
      }
    }
  }
}
