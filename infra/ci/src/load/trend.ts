/** A measured value at a time. */
export interface Sample {
  readonly seconds: number;
  readonly value: number;
}

/**
 * Growth per hour in percent of the middle value: the median of the slopes between all pairs of samples (Theil and Sen),
 * so that neither a collection of garbage nor a peak at either end decides. NaN of fewer than two samples.
 */
export function growthPerHour(samples: readonly Sample[]): number {
  const slopes: number[] = [];
  samples.forEach((later, at) => {
    for (const earlier of samples.slice(0, at))
      if (later.seconds > earlier.seconds)
        slopes.push((later.value - earlier.value) / (later.seconds - earlier.seconds));
  });
  return (100 * 3600 * middle(slopes)) / middle(samples.map(({ value }) => value));
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
}
