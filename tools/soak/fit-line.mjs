/** Two-sided 97.5 % points of Student's t for few degrees of freedom; beyond them the normal one is close enough. */
const studentT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/**
 * Least-squares line through points: its slope and the 95 % interval of the slope, as if the points' deviations were
 * independent. Needs three points or more. Pure.
 */
export function fitLine(points) {
  const n = points.length;
  if (n < 3) throw new Error(`A line with an interval needs 3 points; there are ${n}. Run more steps.`);
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const sxx = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / sxx;
  const rest = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  const half = (studentT[n - 3] ?? 1.96) * Math.sqrt(rest / (n - 2) / sxx);
  return { slope, low: slope - half, high: slope + half };
}

/** Whether a slope is flat: its interval includes 0, or it lies below the bound, or it falls. Pure. */
export function isFlat({ slope, low, high }, bound) {
  return (low <= 0 && high >= 0) || slope <= 0 || slope < bound;
}
