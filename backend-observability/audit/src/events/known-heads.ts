import { BoundedMap } from '@steward/service-kit';
import type { Clock } from '@steward/sdk';
import type { ChainHead } from './chain.ts';
import { streamName } from './event.ts';
import type { StreamKey } from './event.ts';

/** The end of a stream, as far as the next event depends on it. */
export interface StreamHead extends ChainHead {
  /** As in `StoredEvent`. */
  readonly owner?: string;
}

/** How long a stream is looked up before each write after another writer was met there. */
const sharedMs = 60_000;
const mostStreams = 10_000;

/**
 * Where the streams end that this process alone writes to, as far as it knows. Nothing depends on its being right: a
 * number is taken once only, so an end that has moved on costs a refused write, after which the stream is looked up.
 */
export class KnownHeads {
  readonly #clock: Clock;
  readonly #heads = new BoundedMap<StreamHead>(mostStreams);
  readonly #sharedUntilMs = new BoundedMap<number>(mostStreams);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined where it has to be looked up. */
  get(stream: StreamKey): StreamHead | undefined {
    return this.#heads.get(streamName(stream));
  }

  /** To be told after a write of this process. */
  wrote(stream: StreamKey, head: StreamHead): void {
    const name = streamName(stream);
    if ((this.#sharedUntilMs.get(name) ?? 0) <= this.#clock.now().getTime()) this.#heads.set(name, head);
  }

  /** To be told when a write was refused: somebody else wrote to the stream, or its events were known. */
  missed(stream: StreamKey): void {
    const name = streamName(stream);
    this.#heads.delete(name);
    this.#sharedUntilMs.set(name, this.#clock.now().getTime() + sharedMs);
  }
}
