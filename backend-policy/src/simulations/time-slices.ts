/** A part of a time span; both times are included. */
export interface TimeSlice {
  readonly from: string;
  readonly to: string;
}

/** The span in at most so many parts, newest first; together they hold each millisecond of it once. Pure. */
export function slicesOf({ from, to }: TimeSlice, most: number): TimeSlice[] {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const length = Math.max(1, Math.ceil((last - first + 1) / most));
  const slices: TimeSlice[] = [];
  for (let end = last; end >= first; end -= length) {
    const begin = Math.max(first, end - length + 1);
    slices.push({ from: new Date(begin).toISOString(), to: new Date(end).toISOString() });
  }
  return slices;
}
