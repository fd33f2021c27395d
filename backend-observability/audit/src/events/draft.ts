import type { EventEnvelope } from '@steward/contracts';
import { StewardError, canonicalJson, digestOf } from '@steward/sdk';
import type { Caller } from '@steward/service-kit';

/** An event as it will be stored, still without its place in a stream. */
export interface EventDraft {
  readonly envelope: EventEnvelope;
  readonly contentDigest: string;
  /** Size of the envelope's JSON in bytes. */
  readonly sizeBytes: number;
}

/** Largest payload in bytes of its canonical JSON. */
export const maxPayloadBytes = 64 * 1024;

const maxPayloadDepth = 32;

const backendComponents: readonly EventEnvelope['component'][] = [
  'SessionService',
  'PolicyService',
  'ApprovalService',
  'WorkspaceService',
  'AuditService',
  'TelemetryService',
  'BackendToolService',
];

/**
 * What is stored of an event that a caller sends: tenant and user are the caller's whatever the event says, its place
 * in the stream is the service's to give, and nobody speaks in the name of a service without being one.
 */
export function draftOf(caller: Caller, sent: EventEnvelope): EventDraft {
  if (!caller.isService && backendComponents.includes(sent.component)) {
    throw new StewardError(
      'PERMISSION_DENIED',
      `Event ${sent.eventId} names the component ${sent.component}; only that service sends its events.`,
      {
        details: { eventId: sent.eventId, reasonCodes: ['component_not_yours'] },
      },
    );
  }
  checkPayload(sent);
  const { streamType: _type, streamId: _id, streamSeq: _seq, prevHash: _prev, hash: _hash, ...rest } = sent;
  const envelope: EventEnvelope = {
    ...rest,
    timestamp: normalTime(sent),
    tenantId: caller.tenantId,
    userId: caller.userId,
    principal: principalOf(caller, sent),
  };
  return {
    envelope,
    contentDigest: digestOf(envelope),
    sizeBytes: Buffer.byteLength(JSON.stringify(envelope)),
  };
}

/** People act themselves or through their agent; services act as themselves or report what somebody did. */
function principalOf(caller: Caller, { principal }: EventEnvelope): NonNullable<EventEnvelope['principal']> {
  if (principal === undefined) return caller.principal;
  if (principal.type === 'agent') return principal;
  if (caller.isService && principal.type === 'user') return principal;
  return caller.principal;
}

function checkPayload({ eventId, payload }: EventEnvelope): void {
  if (depthOf(payload) > maxPayloadDepth) {
    throw new StewardError(
      'INVALID_REQUEST',
      `The payload of event ${eventId} is nested deeper than ${maxPayloadDepth} levels. Flatten it.`,
      {
        details: { eventId, field: 'payload' },
      },
    );
  }
  const sizeBytes = Buffer.byteLength(canonicalJson(payload));
  if (sizeBytes <= maxPayloadBytes) return;
  throw new StewardError(
    'FILE_TOO_LARGE',
    `The payload of event ${eventId} has ${sizeBytes} bytes, at most ${maxPayloadBytes} are kept. Store the rest as an artifact.`,
    {
      details: { eventId, limitBytes: maxPayloadBytes, sizeBytes },
    },
  );
}

function depthOf(value: unknown, depth = 1): number {
  if (typeof value !== 'object' || value === null || depth > maxPayloadDepth) return depth;
  return Math.max(depth, ...Object.values(value).map((member) => depthOf(member, depth + 1)));
}

function normalTime({ eventId, timestamp }: EventEnvelope): string {
  const time = new Date(timestamp);
  const year = time.getUTCFullYear();
  // Years outside four digits would not sort as text.
  if (!Number.isNaN(time.getTime()) && year >= 1970 && year <= 9999) return time.toISOString();
  throw new StewardError(
    'INVALID_REQUEST',
    `The timestamp of event ${eventId} is no usable time. Send ISO 8601 in UTC.`,
    {
      details: { eventId, field: 'timestamp' },
    },
  );
}
