import type { CrossTenantResult } from './cross-tenant.ts';
import type { LeakResult } from './leaks.ts';
import type { OperationVerdict, RunRecord } from './record.ts';

/** What the summary is made of. */
export interface Summary {
  readonly seeds: readonly number[];
  readonly seconds: number;
  readonly record: RunRecord;
  readonly verdicts: readonly (OperationVerdict & { readonly service: string })[];
  readonly crossTenant: readonly CrossTenantResult[];
  readonly leaks: readonly LeakResult[];
  /** Runs that could not do their work. */
  readonly broken: readonly string[];
}

/** Lines for people; the last one is `N passed, N failed`: operations, places that take ids, lists, broken runs. */
export function summaryLines(summary: Summary): string[] {
  const { record, verdicts, crossTenant, leaks, broken, seeds, seconds } = summary;
  const width = Math.max(...verdicts.map(({ service, operation }) => service.length + operation.length + 1), 10);
  const lines = verdicts.map(({ service, operation, statuses, problems, excused }) => {
    const name = `${service} ${operation}`.padEnd(width);
    const counts = Object.entries(statuses).map(([status, count]) => `${status}×${count}`);
    const verdict =
      problems.length > 0 ? `FAILED: ${problems.join('; ')}` : excused === undefined ? '' : `(${excused})`;
    return `${name}  ${counts.join(' ')}  ${verdict}`.trimEnd();
  });
  const replayed = crossTenant.reduce((sum, result) => sum + result.replayed, 0);
  const all = [...Object.values(record.operations), record.strangers].flatMap((statuses) => Object.entries(statuses));
  const serverErrors = all.filter(([status]) => status.startsWith('5')).reduce((sum, [, count]) => sum + count, 0);
  const judged = [...verdicts, ...crossTenant, ...leaks];
  const failed = judged.filter(({ problems }) => problems.length > 0).length + broken.length;
  const passed = judged.length + broken.length - failed;
  const covered = verdicts.filter(({ statuses }) => Object.keys(statuses).length > 0).length;
  const looked = leaks.reduce((sum, result) => sum + result.looked, 0);
  const strangers = Object.entries(record.strangers).map(([status, count]) => `${status}×${count}`);
  const phases = Object.entries(record.phases).map(([phase, count]) => `${phase} ${count}`);
  return [
    ...lines,
    '',
    ...record.failures.flatMap(({ operation, check, count, examples: [example] }) => [
      `FAILED ${operation}: ${check}, ${count} times`,
      ...(example === undefined
        ? []
        : [
            `  ${example.request} ${example.body.slice(0, 300)}`,
            `  ${example.status} ${example.answer.slice(0, 300)}`,
          ]),
    ]),
    ...crossTenant
      .filter(({ problems }) => problems.length > 0)
      .map(({ place, problems }) => `FAILED ${place}: ${problems.length} foreign ids, first ${problems[0] ?? ''}`),
    ...leaks
      .filter(({ problems }) => problems.length > 0)
      .map(({ place, problems }) => `FAILED ${place}: ${problems.length} leaks, first ${problems[0] ?? ''}`),
    ...broken.map((sentence) => `FAILED ${sentence}`),
    ...explainedLines(record),
    `Replayed ${replayed} foreign ids at ${crossTenant.length} places.`,
    `Answers to a stranger who sent the same: ${strangers.join(' ')}.`,
    `Looked at ${looked} items of ${leaks.length} lists for what a failed creation left behind.`,
    `Checks of every answer: ${record.checks.join(', ')}.`,
    `Requests by phase: ${phases.join(', ')}; ${record.flows} flows.`,
    `Sent ${record.requests} requests to ${covered} of ${verdicts.length} operations in ${Math.round(seconds)} s; ` +
      `${serverErrors} answers with 5xx, ${record.failures.reduce((sum, { count }) => sum + count, 0)} findings; ` +
      `seeds ${seeds[0] ?? 0} to ${seeds.at(-1) ?? 0}.`,
    `${passed} passed, ${failed} failed`,
  ];
}

function explainedLines(record: RunRecord): string[] {
  const byReason = new Map<string, number>();
  for (const { reason, count } of record.explained)
    byReason.set(reason ?? '', (byReason.get(reason ?? '') ?? 0) + count);
  return [...byReason].map(([reason, count]) => `Explained ${count} times: ${reason}`);
}
