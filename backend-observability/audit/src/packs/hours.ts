import type { TimeRange } from '../events/repository.ts';

const hourMs = 60 * 60 * 1000;

/** An hour of UTC by the time that it begins at, `2026-02-21T13:00:00.000Z`. */
export type Hour = string;

/** The hour of a timestamp in UTC with milliseconds. */
export function hourOf(timestamp: string): Hour {
  return `${timestamp.slice(0, 13)}:00:00.000Z`;
}

/** The hour of a UTC day with a number from 0 to 23. */
export function atHour(day: string, number: number): Hour {
  return `${day}T${String(number).padStart(2, '0')}:00:00.000Z`;
}

/** Its number within its day. */
export function numberOf(hour: Hour): number {
  return Number(hour.slice(11, 13));
}

/** When the hour is over, in milliseconds of the epoch. */
export function endOf(hour: Hour): number {
  return Date.parse(hour) + hourMs;
}

/** Its first and last millisecond. */
export function rangeOf(hour: Hour): TimeRange {
  return { from: hour, to: new Date(endOf(hour) - 1).toISOString() };
}

/** True when every millisecond of the hour lies in the range. */
export function isWithin(hour: Hour, range: TimeRange): boolean {
  return range.from <= hour && rangeOf(hour).to <= range.to;
}
