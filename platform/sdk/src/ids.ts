import { monotonicFactory } from 'ulid';
import { randomByte } from './random-bytes.ts';

/** First part of every id, before the underscore. */
export type IdPrefix =
  | 'ws'
  | 'sess'
  | 'task'
  | 'step'
  | 'tc'
  | 'msg'
  | 'appr'
  | 'art'
  | 'evt'
  | 'inc'
  | 'pol'
  | 'rcpt'
  | 'req'
  | 'inv'
  | 'sim';

/** Makes ids; injected so that tests can predict them. */
export type NewId = (prefix: IdPrefix) => string;

let next: (() => string) | undefined;

/** `prefix_ULID`: sortable by creation time, and strictly rising within one process even inside a millisecond. */
export function newId(prefix: IdPrefix): string {
  // Eight random bits for the five of a character: every character is as likely as any other.
  next ??= monotonicFactory(() => randomByte() / 256);
  return `${prefix}_${next()}`;
}

/** True when the value is a well-formed id with this prefix. */
export function isId(prefix: IdPrefix, value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.startsWith(`${prefix}_`) &&
    /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(value.slice(prefix.length + 1))
  );
}
