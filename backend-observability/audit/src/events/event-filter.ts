import { StewardError } from '@steward/sdk';
import type { SealedEvent } from './event.ts';

/** What a list of events is narrowed by; times are included. */
export interface EventFilter {
  readonly session?: string;
  readonly task?: string;
  readonly correlation?: string;
  readonly type?: string;
  readonly component?: string;
  readonly from?: string;
  readonly to?: string;
}

/** True when the event has everything that the filter names. */
export function matches(event: Omit<SealedEvent, 'payload'>, filter: EventFilter): boolean {
  return (
    isOrAny(filter.session, event.sessionId) &&
    isOrAny(filter.task, event.taskId) &&
    isOrAny(filter.correlation, event.correlationId) &&
    isOrAny(filter.type, event.eventType) &&
    isOrAny(filter.component, event.component) &&
    (filter.from === undefined || event.timestamp >= filter.from) &&
    (filter.to === undefined || event.timestamp <= filter.to)
  );
}

/** A time of a query in the one form that sorts as text. @param field named when it is no usable time */
export function queryTime(value: string | undefined, field: string): string | undefined {
  if (value === undefined) return undefined;
  const time = new Date(value);
  if (!Number.isNaN(time.getTime()) && time.getUTCFullYear() >= 0 && time.getUTCFullYear() <= 9999)
    return time.toISOString();
  throw new StewardError('INVALID_REQUEST', `${field} is no usable time. Send ISO 8601 in UTC.`, {
    details: { field },
  });
}

function isOrAny(wanted: string | undefined, actual: string | undefined): boolean {
  return wanted === undefined || wanted === actual;
}
