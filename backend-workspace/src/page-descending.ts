import { pageOf } from '@steward/service-kit';
import type { Page, PageRequest } from '@steward/service-kit';

/** One page of what is kept in memory, in whatever order, greatest key first. */
export function pageDescending<T>(items: readonly T[], request: PageRequest, keyOf: (item: T) => string): Page<T> {
  const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? 1 : -1);
  const sorted = items.toSorted((a, b) => compare(keyOf(a), keyOf(b)));
  return pageOf(sorted, request, keyOf, compare);
}
