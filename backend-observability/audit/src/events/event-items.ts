import { timeKeyOf } from './event.ts';
import type { EventReference, SealedEvent, StoredEvent } from './event.ts';

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

/** Reads an event back. */
export function storedOf(item: Item): StoredEvent {
  const envelope = JSON.parse(String(item['envelope'])) as Omit<SealedEvent, 'payload'>;
  const payload = JSON.parse(String(item['payload'])) as SealedEvent['payload'];
  return {
    event: { ...envelope, payload } as SealedEvent,
    ...(item['owner'] !== undefined && { owner: String(item['owner']) }),
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
