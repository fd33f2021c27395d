/** One figure and what it has to be. */
export interface Finding {
  readonly name: string;
  /** As it is printed: `0.84`, `42 ms`. */
  readonly value: string;
  /** As it is printed: `≥ 0.8`; absent: told, not judged. */
  readonly aim?: string;
  readonly passed: boolean;
}

/** A figure that has to be at least, or at most, some number. */
export function judged(
  name: string,
  value: number,
  rule: { readonly atLeast?: number; readonly atMost?: number; readonly unit?: string; readonly digits?: number },
): Finding {
  const { atLeast, atMost, unit = '', digits = 2 } = rule;
  const text = (number: number): string => `${Number(number.toFixed(digits))}${unit}`;
  const passed = Number.isFinite(value) && value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
  const aims = [
    ...(atLeast === undefined ? [] : [`≥ ${text(atLeast)}`]),
    ...(atMost === undefined ? [] : [`≤ ${text(atMost)}`]),
  ];
  return { name, value: text(value), aim: aims.join(', '), passed };
}

/** A figure that is only told. */
export function told(name: string, value: string): Finding {
  return { name, value, passed: true };
}

/** A table of all figures, and last the line `N passed, N failed` over those that have an aim. */
export function reportLines(findings: readonly Finding[]): string[] {
  const rows = findings.map(({ name, value, aim, passed }) => [
    name,
    value,
    aim ?? '',
    aim === undefined ? '' : passed ? 'ok' : 'MISSED',
  ]);
  const all = [['What', 'Measured', 'Aim', ''], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const aimed = findings.filter(({ aim }) => aim !== undefined);
  const failed = aimed.filter(({ passed }) => !passed).length;
  return [...all.map(line), '', `${aimed.length - failed} passed, ${failed} failed`];
}

/** The middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
