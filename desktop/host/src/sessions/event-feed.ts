import type { GetEventsResult, SessionEvent } from '@steward/contracts';
import type { EventLog } from './event-log.ts';
import { streamGap } from './event-log.ts';

/** What {@link EventFeed} needs. */
export interface EventFeedDeps {
  readonly log: EventLog;
  /** Asks the runtime for events that did not arrive. */
  readonly fetch: (fromSeq: number) => Promise<GetEventsResult>;
  /** Gets every event once, in order of `seq`. */
  readonly deliver: (event: SessionEvent) => void;
}

/**
 * Puts the runtime's notifications in order: repeats are dropped, a hole is filled by asking the runtime, and when a
 * resumed runtime counts again from an earlier point, the readers are told to reload from there (`stream_gap`).
 */
export class EventFeed {
  readonly #deps: EventFeedDeps;
  #held: SessionEvent[] | undefined;

  constructor(deps: EventFeedDeps) {
    this.#deps = deps;
  }

  accept(event: SessionEvent): void {
    if (this.#held !== undefined) {
      this.#held.push(event);
      return;
    }
    const { log } = this.#deps;
    if (event.seq === log.lastSeq + 1) return this.#take(event);
    if (event.seq > log.lastSeq) {
      this.#held = [event];
      void this.#fill(event);
      return;
    }
    if (log.eventIdAt(event.seq) === event.eventId) return;
    // Older than what is kept at all: nothing to compare with, and nothing a reader could use.
    if (log.eventIdAt(event.seq) === undefined) return;
    log.truncateFrom(event.seq);
    this.#deps.deliver(streamGap(event, event.seq));
    this.#take(event);
  }

  #take(event: SessionEvent): void {
    this.#deps.log.append(event);
    this.#deps.deliver(event);
  }

  async #fill(until: SessionEvent): Promise<void> {
    const { log } = this.#deps;
    try {
      for (let from: number | undefined = log.lastSeq + 1; from !== undefined && from < until.seq;) {
        const page: GetEventsResult = await this.#deps.fetch(from);
        for (const event of page.events) if (event.seq === log.lastSeq + 1) this.#take(event);
        from = page.nextFromSeq !== undefined && page.nextFromSeq > from ? page.nextFromSeq : undefined;
      }
    } catch {
      // The runtime can't tell any more; readers learn of the hole below.
    }
    const held = this.#held ?? [];
    this.#held = undefined;
    if (until.seq > log.lastSeq + 1) {
      this.#deps.deliver(streamGap(until, until.seq));
      this.#take(until);
    }
    for (const event of held) this.accept(event);
  }
}
