import type { Transport } from '@steward/sdk';
import type { SessionStore } from '../session/session-store.ts';

const highWaterBytes = 1024 * 1024;
const batchEvents = 200;

/**
 * Sends a session's events to one connection, every event once and in order. When the reader is slow the feed stops
 * sending, remembers where it is, and reads on from the journal once the reader has caught up; it never queues without
 * bound and never gives a reader up.
 */
export class EventFeed {
  readonly #transport: Transport;
  readonly #store: SessionStore;
  #nextSeq: number;
  #waiting = false;
  #stopped = false;
  readonly #unsubscribe: () => void;

  /** Starts with the event `fromSeq`. */
  constructor(transport: Transport, store: SessionStore, fromSeq: number) {
    this.#transport = transport;
    this.#store = store;
    this.#nextSeq = fromSeq;
    this.#unsubscribe = store.subscribe(() => this.#pump());
    this.#pump();
  }

  /** True while the reader is behind. */
  get isBackedUp(): boolean {
    return this.#waiting;
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe();
  }

  #pump(): void {
    while (!this.#waiting && !this.#stopped && this.#nextSeq <= this.#store.state.lastSeq) {
      const events = this.#store.readShownEvents(this.#nextSeq, batchEvents);
      if (events.length === 0) return;
      // The events are JSON text already; parsing them to serialise them again would double the cost of each.
      for (const json of events) this.#transport.send(`{"jsonrpc":"2.0","method":"SessionEvent","params":${json}}`);
      this.#nextSeq += events.length;
      if ((this.#transport.bufferedBytes ?? 0) <= highWaterBytes) continue;
      this.#waiting = true;
      this.#transport.onDrained?.(() => {
        this.#waiting = false;
        this.#pump();
      });
    }
  }
}
