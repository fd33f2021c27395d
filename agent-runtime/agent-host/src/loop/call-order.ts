/** What a call touches, as far as order matters. */
export interface Touches {
  /** Real paths that it writes; `*` when it may write anywhere. */
  readonly writes: readonly string[];
  /** The one path that it reads; undefined when it may read anything. */
  readonly reads?: string;
}

/** For each call the earlier calls that must have ended before it starts; everything else may run at once. Pure. */
export function waitsFor(calls: readonly Touches[]): number[][] {
  return calls.map((call, index) =>
    calls.slice(0, index).flatMap((earlier, at) => (inOrder(earlier, call) ? [at] : [])),
  );
}

/** Two calls keep their order when one of them writes what the other writes or reads. */
function inOrder(earlier: Touches, later: Touches): boolean {
  if (earlier.writes.length === 0 && later.writes.length === 0) return false;
  return overlaps(earlier.writes, later) || overlaps(later.writes, earlier);
}

function overlaps(writes: readonly string[], other: Touches): boolean {
  if (writes.length === 0) return false;
  if (writes.includes('*') || other.writes.includes('*')) return true;
  if (other.writes.some((path) => writes.includes(path))) return true;
  return other.writes.length === 0 && (other.reads === undefined || writes.includes(other.reads));
}
