import { StewardError } from '@steward/sdk';

/** Where a page of a list in memory begins, from its cursor; INVALID_REQUEST for one that was not handed out. */
export function pageStart(method: string, cursor: string | undefined): number {
  const start = cursor === undefined ? 0 : Number(cursor);
  if (Number.isSafeInteger(start) && start >= 0) return start;
  throw new StewardError('INVALID_REQUEST', `${method} params: the field cursor is not one that was handed out.`, {
    details: { field: 'cursor' },
  });
}
