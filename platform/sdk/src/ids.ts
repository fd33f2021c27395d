import { monotonicFactory, ulid } from 'ulid';
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

/**
 * The id with this prefix, time and randomness; the same input gives the same id.
 * @param atMs time part in epoch milliseconds, from 1 to 2^48 - 1
 * @param random 16 bytes or more, of which five bits each are used; where ids must not be guessed, bytes that nobody can guess
 * @throws RangeError when there are fewer bytes
 */
export function idFrom(prefix: IdPrefix, atMs: number, random: Uint8Array): string {
  if (random.length < 16) throw new RangeError('An id needs 16 random bytes.');
  let next = 0;
  return `${prefix}_${ulid(atMs, () => random[next++]! / 256)}`;
}

/** True when the value is a well-formed id with this prefix. */
export function isId(prefix: IdPrefix, value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.startsWith(`${prefix}_`) &&
    /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(value.slice(prefix.length + 1))
  );
}
