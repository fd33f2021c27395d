import { pino } from 'pino';
import type { Logger } from 'pino';
import type { Clock, NewId } from '@steward/sdk';

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

/** A clock that starts at the given ISO time. */
export function createManualClock(start = '2026-02-21T15:04:22.000Z'): ManualClock {
  const startMs = Date.parse(start);
  let passedMs = 0;
  return {
    now: () => new Date(startMs + passedMs),
    monotonicMs: () => passedMs,
    advance: (ms) => {
      passedMs += ms;
    },
  };
}

/** Ids that count up, well-formed: `appr_00000000000000000000000001`. */
export function createTestIds(): NewId {
  let count = 0;
  return (prefix) => `${prefix}_${String(++count).padStart(26, '0')}`;
}

/** A logger that writes nothing. */
export const silentLogger: Logger = pino({ level: 'silent' });
