import type { EventEnvelope } from '@steward/contracts';
import { digestOf } from '@steward/sdk';
import type { SealedEvent, StreamKey } from './event.ts';

/** What the first event of a stream names as the one before it. */
export const noEventBefore = `sha256:${'0'.repeat(64)}`;

/** The last event of a stream, as far as the next one depends on it. */
export interface ChainHead {
  readonly streamSeq: number;
  readonly hash: string;
}

/** What the first event of a stream follows. */
export const streamStart: ChainHead = { streamSeq: 0, hash: noEventBefore };

/**
 * Gives an event its place after the head: the next number, the hash of the event before it, and its own hash, which
 * is the SHA-256 of the envelope's canonical JSON without `hash` itself.
 */
export function seal(envelope: EventEnvelope, stream: StreamKey, head: ChainHead | undefined): SealedEvent {
  const { hash: _claimed, ...rest } = envelope;
  const linked = {
    ...rest,
    streamType: stream.streamType,
    streamId: stream.streamId,
    streamSeq: (head?.streamSeq ?? 0) + 1,
    prevHash: head?.hash ?? noEventBefore,
  };
  return { ...linked, hash: digestOf(linked) };
}

/**
 * The number of the first event that does not follow the one before it or was changed; undefined when all hold.
 * @param events consecutive ones of one stream, from any number on
 * @param head what they follow, `streamStart` for a stream's first; without it the first is taken as it is
 */
export function findBreak(events: readonly SealedEvent[], head?: ChainHead): number | undefined {
  let before: ChainHead | undefined = head;
  for (const event of events) {
    const { hash, ...rest } = event;
    const expectedSeq = before === undefined ? event.streamSeq : before.streamSeq + 1;
    const expectedPrev = before?.hash ?? (event.streamSeq === 1 ? noEventBefore : event.prevHash);
    if (event.streamSeq !== expectedSeq || event.prevHash !== expectedPrev || hash !== digestOf(rest))
      return event.streamSeq;
    before = event;
  }
  return undefined;
}
