import type { GetEventsResult, SessionEvent } from '@steward/contracts';
import { askFrom, emptyFeed, hasGap, receive, skipGap, wentBack } from './feed.ts';
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
 * Keeps one conversation's state whole: batches live events per frame, asks for whatever it missed before, during or
 * after a lost connection, and starts again when the session went back. No event is lost or taken twice.
 */
export class SessionFeed {
  readonly #deps: SessionFeedDeps;
  #feed: Feed = emptyFeed;
  #queue: SessionEvent[] = [];
  #scheduled = false;
  #loading: Promise<void> | null = null;
  #loadAgain = false;
  /** Grows whenever the feed starts again, so that an answer from before is not taken. */
  #turn = 0;

  constructor(deps: SessionFeedDeps) {
    this.#deps = deps;
  }

  /** Takes a live event; shown at the next frame. */
  push(event: SessionEvent): void {
    if (event.eventType === 'stream_gap') {
      this.#takeGap(Number(event.payload['reloadFromSeq']));
      return;
    }
    this.#queue.push(event);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#deps.nextFrame(() => {
      this.#scheduled = false;
      this.#flush();
      if (hasGap(this.#feed)) void this.load();
    });
  }

  /** Asks for every event after the last one taken in. Call it at the start and whenever the connection is back. */
  load(): Promise<void> {
    if (this.#loading !== null) {
      this.#loadAgain = true;
      return this.#loading;
    }
    this.#loadAgain = false;
    this.#loading = this.#run().finally(() => {
      this.#loading = null;
      if (this.#loadAgain) void this.load();
    });
    return this.#loading;
  }

  // The host can't fill what lies before this sequence, or the session goes on from an earlier one than was shown.
  #takeGap(reloadFromSeq: number): void {
    this.#flush();
    if (reloadFromSeq <= this.#feed.thread.lastSeq) this.#startAgain();
    void this.load();
  }

  async #run(): Promise<void> {
    this.#deps.onLoad('loading', null);
    try {
      while (await this.#loadPages()) {
        // Events that arrived meanwhile left a gap behind the pages just read.
      }
      this.#deps.onLoad('ready', null);
    } catch (error) {
      this.#deps.onLoad('failed', error);
    }
  }

  /** Reads to the end; true when there is more to ask for that asking can bring. */
  async #loadPages(): Promise<boolean> {
    const turn = this.#turn;
    const before = this.#feed.thread.lastSeq;
    for (let from: number | undefined = askFrom(this.#feed); from !== undefined;) {
      const asked = this.#feed;
      const page: GetEventsResult = await this.#deps.getEvents(from);
      if (turn !== this.#turn) return true;
      if (from <= asked.thread.lastSeq && wentBack(asked, page)) {
        this.#startAgain();
        return true;
      }
      this.#take(page.events, from);
      from = page.nextFromSeq !== undefined && page.nextFromSeq > from ? page.nextFromSeq : undefined;
    }
    return hasGap(this.#feed) && this.#feed.thread.lastSeq > before;
  }

  #take(events: readonly SessionEvent[], asked: number): void {
    this.#flush();
    const kept = events.filter((event) => event.eventType !== 'stream_gap');
    const first = kept[0];
    // The host answers from what it still has; a page that begins later than asked can't be filled any more.
    const feed = first && first.seq > asked ? skipGap(this.#feed, first.seq, this.#deps.now()) : this.#feed;
    this.#show(receive(feed, kept));
  }

  #startAgain(): void {
    this.#turn += 1;
    this.#queue = [];
    this.#feed = emptyFeed;
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
