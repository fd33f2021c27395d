import { compositeKey } from '@steward/service-kit';
import type { RowPlace } from '@steward/service-kit';
import { packedPartition } from '../packs/repository.ts';
import { streamName, timeKeyOf } from './event.ts';
import type { EventReference, SealedEvent, StoredEvent } from './event.ts';
import type { ChainRow, EventText } from './repository.ts';

/** An item of the table. */
export type Item = Record<string, unknown>;

/**
 * The item of an event. Envelope and payload are kept as the JSON text that was hashed, apart from each other, so that
 * no database type rounds a number and a payload could expire alone.
 */
export function eventItem(stored: StoredEvent): Item {
  const { payload, ...envelope } = stored.event;
  return {
    tenantId: envelope.tenantId,
    seq: envelope.streamSeq,
    timeKey: timeKeyOf(stored.event),
    envelope: JSON.stringify(envelope),
    payload: JSON.stringify(payload),
    ...(stored.owner !== undefined && { owner: stored.owner }),
    contentDigest: stored.contentDigest,
    createdAt: stored.createdAt,
    updatedAt: stored.createdAt,
  };
}

/** The attributes that {@link textOfItem} needs. */
export const textAttributes = ['envelope', 'payload', 'owner'] as const;

/** Reads an event back, its payload as text. */
export function textOfItem(item: Item): EventText {
  return {
    envelope: JSON.parse(String(item['envelope'])) as EventText['envelope'],
    payload: String(item['payload']),
    ...(item['owner'] !== undefined && { owner: String(item['owner']) }),
  };
}

/** An event with its payload as the text that is stored. */
export function textOf({ event, owner }: Pick<StoredEvent, 'event' | 'owner'>): EventText {
  const { payload, ...envelope } = event;
  return { envelope, payload: JSON.stringify(payload), ...(owner !== undefined && { owner }) };
}

/** The event that a text stands for. */
export function eventOf({ envelope, payload }: EventText): SealedEvent {
  return { ...envelope, payload: JSON.parse(payload) as SealedEvent['payload'] } as SealedEvent;
}

/** Reads an event back. */
export function storedOf(item: Item): StoredEvent {
  const text = textOfItem(item);
  return {
    event: eventOf(text),
    ...(text.owner !== undefined && { owner: text.owner }),
    contentDigest: String(item['contentDigest']),
    createdAt: String(item['createdAt']),
  };
}

/** The item that makes an event id unique and says where the event lies. */
export function referenceItem(reference: EventReference, createdAt: string): Item {
  return { seq: 0, ...reference, createdAt, updatedAt: createdAt };
}

/** Reads a reference back. */
export function referenceOfItem(item: Item): EventReference {
  const { tenantId, streamType, streamId, eventId, streamSeq, contentDigest } = item as unknown as EventReference;
  return { tenantId, streamType, streamId, eventId, streamSeq, contentDigest };
}

/**
 * Reads a row for the check of chains, which trusts nothing in it: the place says where an event lies, and a row whose
 * content is not an event of just that place has none. References by id and packs are left out.
 */
export function chainRowOf(place: RowPlace, item: Item): ChainRow[] {
  const seq = Number(place.sort);
  const tenantId = String(item['tenantId']);
  const tenantPrefix = `${compositeKey(tenantId)}#`;
  const isOwn = place.partition.startsWith(tenantPrefix);
  const stream = isOwn ? place.partition.slice(tenantPrefix.length) : place.partition;
  if ((seq === 0 && stream.startsWith('event#')) || stream.startsWith(`${packedPartition}#`)) return [];
  const event = isOwn ? eventAt(place.partition, seq, item) : undefined;
  return [{ place, tenantId, stream, seq, ...(event === undefined ? {} : { event }) }];
}

function eventAt(partition: string, seq: number, item: Item): SealedEvent | undefined {
  try {
    const { event } = storedOf(item);
    return streamName(event) === partition && event.streamSeq === seq ? event : undefined;
  } catch {
    // Neither JSON nor an envelope any more: no event lies here.
    return undefined;
  }
}
