import type { Decision } from '@steward/contracts';
import { digestOf } from './digest.ts';

/** The action as judged; what `actionDigest` covers. */
export type NormalizedAction = Decision['normalizedAction'];

const longText = 2048;

/**
 * Replaces long texts in arguments by their digest and length, so that decisions stay small in events and approvals
 * while the digest still covers every character. Other values are copied.
 */
export function compactArguments(value: unknown, depth = 0): unknown {
  if (typeof value === 'string')
    return value.length <= longText ? value : { sha256: digestOf(value), bytes: Buffer.byteLength(value) };
  if (depth > 20) return digestOf(value);
  if (Array.isArray(value)) return value.map((item) => compactArguments(item, depth + 1));
  if (typeof value === 'object' && value !== null) {
    const copy: [string, unknown][] = Object.keys(value).map((key) => [
      key,
      compactArguments((value as Record<string, unknown>)[key], depth + 1),
    ]);
    return Object.fromEntries(copy);
  }
  return value;
}
