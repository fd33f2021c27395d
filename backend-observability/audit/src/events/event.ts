import type { EventEnvelope } from '@steward/contracts';
import { compositeKey } from '@steward/service-kit';

/** One ordered stream: that of a workspace, or the tenant's own for what belongs to no workspace. */
export interface StreamKey {
  readonly tenantId: string;
  readonly streamType: 'workspace' | 'tenant';
  readonly streamId: string;
}

/** An envelope with its place in its stream and in the chain of hashes. */
export type SealedEvent = EventEnvelope &
  Required<Pick<EventEnvelope, 'streamType' | 'streamId' | 'streamSeq' | 'prevHash' | 'hash'>>;

/** An event as the store keeps it. */
export interface StoredEvent {
  readonly event: SealedEvent;
  /** The person whose workspace the stream is about, as far as known when the event was stored. */
  readonly owner?: string;
  /** Digest of what the sender said; the same id with another digest is a conflict. */
  readonly contentDigest: string;
  /** When the service stored it. */
  readonly createdAt: string;
}

/** Where an event lies that is known by its id. */
export interface EventReference extends StreamKey {
  readonly eventId: string;
  readonly streamSeq: number;
  readonly contentDigest: string;
}

/** The stream that an event belongs to. */
export function streamOf(event: Pick<EventEnvelope, 'tenantId' | 'workspaceId'>): StreamKey {
  const { tenantId, workspaceId } = event;
  return workspaceId === undefined
    ? { tenantId, streamType: 'tenant', streamId: tenantId }
    : { tenantId, streamType: 'workspace', streamId: workspaceId };
}

/** One text per stream, whatever its parts hold. */
export function streamName(stream: StreamKey): string {
  return compositeKey(stream.tenantId, stream.streamType, stream.streamId);
}

/** The stream's name within its tenant. */
export function localStreamName(stream: Pick<StreamKey, 'streamType' | 'streamId'>): string {
  return compositeKey(stream.streamType, stream.streamId);
}

/** Sorts events of many streams by time, and those of one stream and one millisecond by sequence. */
export function timeKeyOf(event: Pick<SealedEvent, 'timestamp' | 'streamSeq' | 'streamId'>): string {
  return `${event.timestamp}#${String(event.streamSeq).padStart(12, '0')}#${event.streamId}`;
}

/** Where a list by time goes on behind an event. */
export function positionOf(event: Pick<SealedEvent, 'timestamp' | 'streamSeq' | 'streamId' | 'streamType'>): {
  timeKey: string;
  stream: string;
  seq: number;
} {
  return { timeKey: timeKeyOf(event), stream: localStreamName(event), seq: event.streamSeq };
}

/** The UTC day of a timestamp, `2026-02-21`. */
export function dayOf(timestamp: string): string {
  return timestamp.slice(0, 10);
}

/** The reference under which a stored event is found by its id. */
export function referenceOf({ event, contentDigest }: StoredEvent): EventReference {
  const { tenantId, streamType, streamId, eventId, streamSeq } = event;
  return { tenantId, streamType, streamId, eventId, streamSeq, contentDigest };
}
