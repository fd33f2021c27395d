/** Two-sided 97.5 % points of Student's t for few degrees of freedom; beyond them the normal one is close enough. */
const studentT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/**
 * Least-squares line through points in order: its slope and the 95 % interval of the slope. Deviations that follow each
 * other, such as memory that is given back late, count as fewer points than they are: n (1 - r) / (1 + r), where r is
 * the correlation of neighbours (B. D. Santer et al., 2000, Journal of Geophysical Research 105, p. 7337). Needs three
 * points or more. Pure.
 */
export function fitLine(points) {
  const n = points.length;
  if (n < 3) throw new Error(`A line with an interval needs 3 points; there are ${n}. Run more steps.`);
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const sxx = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / sxx;
  const rests = points.map(([x, y]) => y - meanY - slope * (x - meanX));
  const squares = rests.reduce((sum, rest) => sum + rest ** 2, 0);
  const neighbours = rests.slice(1).reduce((sum, rest, index) => sum + rest * rests[index], 0);
  const correlation = squares === 0 ? 0 : Math.max(0, neighbours / squares);
  const free = Math.max(1, Math.floor((n * (1 - correlation)) / (1 + correlation)) - 2);
  const half = (studentT[free - 1] ?? 1.96) * Math.sqrt(squares / free / sxx);
  return { slope, low: slope - half, high: slope + half };
}

/** Whether a slope is flat: its interval includes 0, or it lies below the bound, or it falls. Pure. */
export function isFlat({ slope, low, high }, bound) {
  return (low <= 0 && high >= 0) || slope <= 0 || slope < bound;
}
