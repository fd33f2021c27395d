import type { ChainPass, RowPlace } from '@steward/service-kit';
import { findBreak, streamStart } from '../events/chain.ts';
import type { ChainHead } from '../events/chain.ts';
import type { ChainRow } from '../events/repository.ts';

/** How far a check has come: behind this event, which the next one of its stream has to follow. */
export interface CheckedUpTo {
  readonly partition: string;
  readonly head: ChainHead;
}

/** What a slice showed, and what the next one goes on from. */
export interface SliceResult {
  readonly events: number;
  /** Streams that begin in the slice or go on in it. */
  readonly streams: number;
  readonly broken?: NonNullable<ChainPass['broken']> & { readonly place: RowPlace };
  readonly last?: CheckedUpTo;
}

/**
 * Checks rows in their order up to the first that breaks a chain. Pure.
 * @param before where the rows go on; a stream that is not its begins with its first event, or is broken
 */
export function checkSlice(rows: readonly ChainRow[], before?: CheckedUpTo): SliceResult {
  let last = before;
  let streams = 0;
  for (const [index, { place, tenantId, stream, seq, event }] of rows.entries()) {
    const isSame: boolean = last?.partition === place.partition;
    if (!isSame || index === 0) streams += 1;
    const head: ChainHead = isSame && last !== undefined ? last.head : streamStart;
    if (event === undefined || findBreak([event], head) !== undefined)
      return { events: index + 1, streams, broken: { tenantId, stream, streamSeq: seq, place } };
    last = { partition: place.partition, head: { streamSeq: seq, hash: event.hash } };
  }
  return { events: rows.length, streams, ...(last === undefined ? {} : { last }) };
}
