import { StewardError } from '@steward/sdk';

/** Where a list goes on: the sort key and the id of the last item that was given out. */
export interface Position {
  readonly sortKey: string;
  readonly id: string;
}

/** What a repository is asked for. */
export interface PageRequest {
  readonly limit: number;
  readonly after?: Position;
}

/** One page in list order; `next` is absent on the last one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: Position;
}

const defaultLimit = 50;

/** The page that a query string asks for: 50 items unless said otherwise. Refuses a cursor that was not given out by a list. */
export function pageRequest(query: { readonly cursor?: string; readonly limit?: number }): PageRequest {
  const limit = query.limit ?? defaultLimit;
  return query.cursor === undefined ? { limit } : { limit, after: decode(query.cursor) };
}

/** The wire shape of a page, `{items, nextCursor?}`. */
export function pageResult<T, R>(page: Page<T>, show: (item: T) => R): { items: R[]; nextCursor?: string } {
  const items = page.items.map(show);
  return page.next === undefined ? { items } : { items, nextCursor: encode(page.next) };
}

/** Cuts one page out of items that are already in list order and lie after the position. */
export function cutPage<T>(sorted: readonly T[], limit: number, positionOf: (item: T) => Position): Page<T> {
  const items = sorted.slice(0, limit);
  const last = items.at(-1);
  return sorted.length > limit && last !== undefined ? { items, next: positionOf(last) } : { items };
}

/** Compares for lists that show the greatest sort key first, ids deciding between equal ones. */
export function compareDescending(a: Position, b: Position): number {
  if (a.sortKey !== b.sortKey) return a.sortKey < b.sortKey ? 1 : -1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
}

function encode(position: Position): string {
  return Buffer.from(JSON.stringify([position.sortKey, position.id])).toString('base64url');
}

function decode(cursor: string): Position {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(value) && value.length === 2) {
      const [sortKey, id] = value as unknown[];
      if (isKey(sortKey) && isKey(id)) return { sortKey, id };
    }
  } catch {
    // Falls through to the one refusal below.
  }
  throw new StewardError(
    'INVALID_REQUEST',
    'cursor: it was not given out by this list. Start again without a cursor.',
    {
      details: { field: 'cursor' },
    },
  );
}

function isKey(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 500;
}
