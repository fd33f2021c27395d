import type { EventEnvelope } from '@steward/contracts';
import { timestampOf } from './clock.ts';
import type { Clock } from './clock.ts';
import type { NewId } from './ids.ts';

/** What the maker of an event says; the rest of the envelope is filled in. */
export type EventFields = Omit<EventEnvelope, 'eventId' | 'timestamp' | 'severity' | 'payload'> &
  Partial<Pick<EventEnvelope, 'severity' | 'payload'>>;

/** An immutable event with a fresh id and time; severity `info` and an empty payload unless given. */
export function createEnvelope(deps: { clock: Clock; newId: NewId }, fields: EventFields): EventEnvelope {
  return { severity: 'info', payload: {}, ...fields, eventId: deps.newId('evt'), timestamp: timestampOf(deps.clock) };
}
