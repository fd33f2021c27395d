/** A part of a time span; both times are included. */
export interface TimeSlice {
  readonly from: string;
  readonly to: string;
}

const hourMs = 60 * 60 * 1000;

/**
 * The span in at most so many parts, newest first; together they hold each millisecond of it once. Parts of an hour or
 * more begin with an hour of UTC, since the Audit Service answers whole hours at once. Pure.
 */
export function slicesOf({ from, to }: TimeSlice, most: number): TimeSlice[] {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const length = Math.max(1, Math.ceil((last - first + 1) / most));
  const slices: TimeSlice[] = [];
  for (let end = last; end >= first;) {
    const begin = Math.max(first, wholeHour(end - length + 1, length));
    slices.push({ from: new Date(begin).toISOString(), to: new Date(end).toISOString() });
    end = begin - 1;
  }
  return slices;
}

/** Not after the time, so that there are no more slices than asked for. */
function wholeHour(time: number, length: number): number {
  return length < hourMs ? time : Math.floor(time / hourMs) * hourMs;
}
