const SUMMARY = /^(\d+) passed, (\d+) failed$/;

/**
 * What one step of the integration run counted: the last line of the form `N passed, N failed`. A step that says it
 * passed but ends badly, or ends badly without a count, has one failure more.
 * @param {{ exitCode: number, lastLines: readonly string[] }} step
 * @returns {{ passed: number, failed: number }}
 */
export function countOf({ exitCode, lastLines }) {
  const match = lastLines
    .map((line) => SUMMARY.exec(line.trim()))
    .filter((found) => found !== null)
    .at(-1);
  const passed = match ? Number(match[1]) : 0;
  const failed = match ? Number(match[2]) : 0;
  return { passed, failed: exitCode !== 0 && failed === 0 ? 1 : failed };
}

/**
 * The sum of several counts.
 * @param {readonly { passed: number, failed: number }[]} counts
 * @returns {{ passed: number, failed: number }}
 */
export function addUp(counts) {
  return counts.reduce((sum, count) => ({ passed: sum.passed + count.passed, failed: sum.failed + count.failed }), {
    passed: 0,
    failed: 0,
  });
}
