import { StewardError } from '@steward/sdk';

/** Which part of a list is asked for. */
export interface PageRequest {
  /** From 1 to 200; 50 unless given. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

/** A part of a list; without `nextCursor` it is the last. */
export interface Page<T> {
  readonly items: T[];
  readonly nextCursor?: string;
}

/** The number of items a page holds at most. */
export function limitOf(request: PageRequest): number {
  return Math.min(200, Math.max(1, Math.trunc(request.limit ?? 50)));
}

/** An opaque cursor for a position. */
export function encodeCursor(position: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** The position that a cursor stands for; throws INVALID_REQUEST for anything that was never a cursor. */
export function decodeCursor(cursor: string): Record<string, string | number> {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (typeof position === 'object' && position !== null && !Array.isArray(position)) {
      const values = Object.values(position);
      const isFlat = values.every((value) => typeof value === 'string' || typeof value === 'number');
      if (isFlat && values.length > 0 && values.length <= 8) return position as Record<string, string | number>;
    }
  } catch {
    // Falls through to the refusal below.
  }
  throw notACursor();
}

/**
 * One page of a list in memory. The list is already in its order; the cursor names the last item of the page before
 * by its key, so items added or removed meanwhile never repeat or hide others. Throws INVALID_REQUEST for the cursor of
 * another list.
 * @param compare negative when the key comes before the item in the list's order
 */
export function pageOf<T>(
  items: readonly T[],
  request: PageRequest,
  keyOf: (item: T) => string,
  compare: (a: string, b: string) => number,
): Page<T> {
  const limit = limitOf(request);
  const after = request.cursor === undefined ? undefined : decodeCursor(request.cursor)['key'];
  if (typeof after === 'number' || (after === undefined && request.cursor !== undefined)) throw notACursor();
  const rest = after === undefined ? items : items.filter((item) => compare(after, keyOf(item)) < 0);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    items: [...page],
    ...(rest.length > limit && last !== undefined ? { nextCursor: encodeCursor({ key: keyOf(last) }) } : {}),
  };
}

/** The same for items in whatever order: greatest key first. */
export function pageDescending<T>(items: readonly T[], request: PageRequest, keyOf: (item: T) => string): Page<T> {
  const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? 1 : -1);
  const sorted = items.toSorted((a, b) => compare(keyOf(a), keyOf(b)));
  return pageOf(sorted, request, keyOf, compare);
}

function notACursor(): StewardError {
  return new StewardError('INVALID_REQUEST', 'The cursor is not valid; start again without it.', {
    details: { field: 'cursor' },
  });
}

/** Joins parts into one key without two different lists of parts ever giving the same text. */
export function compositeKey(...parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll('%', '%25').replaceAll('#', '%23')).join('#');
}
