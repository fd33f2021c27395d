import type { GetEventsResult, SessionEvent } from '@steward/contracts';
import { emptyFeed, missingFrom, receive, skipGap } from './feed.ts';
import type { Feed } from './feed.ts';
import type { ThreadState } from './thread.ts';

/** What a session feed needs from outside. */
export interface SessionFeedDeps {
  readonly getEvents: (fromSeq: number) => Promise<GetEventsResult>;
  /** Runs once, soon, at the pace of the screen. */
  readonly nextFrame: (run: () => void) => void;
  readonly now: () => string;
  readonly onThread: (thread: ThreadState) => void;
  readonly onLoad: (state: 'loading' | 'ready' | 'failed', error: unknown) => void;
}

/**
 * Keeps one conversation's state whole: batches live events per frame, and asks for whatever it missed before, during
 * or after a lost connection. No event is lost or taken twice.
 */
export class SessionFeed {
  readonly #deps: SessionFeedDeps;
  #feed: Feed = emptyFeed;
  #queue: SessionEvent[] = [];
  #scheduled = false;
  #loading: Promise<void> | null = null;
  #loadAgain = false;

  constructor(deps: SessionFeedDeps) {
    this.#deps = deps;
  }

  /** The state as of the last flush. */
  get thread(): ThreadState {
    return this.#feed.thread;
  }

  /** Takes a live event; shown at the next frame. */
  push(event: SessionEvent): void {
    this.#queue.push(event);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#deps.nextFrame(() => {
      this.#scheduled = false;
      this.#flush();
      if (missingFrom(this.#feed) !== null) void this.load();
    });
  }

  /** Asks for every event after the last one taken in. Call it at the start and whenever the connection is back. */
  load(): Promise<void> {
    this.#loadAgain = this.#loading !== null;
    this.#loading ??= this.#run().finally(() => {
      this.#loading = null;
      if (this.#loadAgain && missingFrom(this.#feed) !== null) void this.load();
    });
    return this.#loading;
  }

  async #run(): Promise<void> {
    this.#deps.onLoad('loading', null);
    try {
      for (let from: number | undefined = this.#feed.thread.lastSeq + 1; from !== undefined;) {
        const page: GetEventsResult = await this.#deps.getEvents(from);
        this.#take(page.events, from);
        from = page.nextFromSeq !== undefined && page.nextFromSeq > from ? page.nextFromSeq : undefined;
      }
      this.#deps.onLoad('ready', null);
    } catch (error) {
      this.#deps.onLoad('failed', error);
    }
  }

  #take(events: readonly SessionEvent[], asked: number): void {
    this.#flush();
    const first = events[0];
    // The host answers from what it still has; a page that begins later than asked can't be filled any more.
    const feed = first && first.seq > asked ? skipGap(this.#feed, first.seq, this.#deps.now()) : this.#feed;
    this.#show(receive(feed, events));
  }

  #flush(): void {
    const events = this.#queue;
    this.#queue = [];
    this.#show(receive(this.#feed, events));
  }

  #show(feed: Feed): void {
    const changed = feed.thread !== this.#feed.thread;
    this.#feed = feed;
    if (changed) this.#deps.onThread(feed.thread);
  }
}
