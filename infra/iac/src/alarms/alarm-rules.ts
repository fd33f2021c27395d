import { operatorEvents } from '@steward/service-kit';
import type { ServiceName } from '@steward/service-kit';

/** An alarm over a number that a service writes to its log. */
export interface LogAlarmRule {
  readonly name: string;
  readonly service: ServiceName;
  /** Value of the log line's `event`. */
  readonly event: string;
  /** What counts: a number, or the field of the line that holds it. */
  readonly value: string;
  readonly statistic: 'Sum' | 'Maximum';
  /** The alarm is raised above this. */
  readonly threshold: number;
  /** How many times five minutes in a row; a single event counts within one. */
  readonly periods: number;
  readonly title: string;
  readonly sentence: string;
}

/** Thresholds of every alarm. */
export const alarmRules = {
  service: { leastRequests: 20, errorPercent: 1, latencySeconds: 1 },
  tables: { throttles: 10 },
  logs: [
    {
      name: 'chain-verification',
      service: 'audit',
      event: operatorEvents.chainBroken,
      value: '1',
      statistic: 'Sum',
      threshold: 0,
      periods: 1,
      title: 'Audit: chains that did not verify',
      sentence: 'The hash chain of an audit stream did not verify: events may have been changed.',
    },
    {
      name: 'queue-age',
      service: 'policy',
      event: operatorEvents.queueAge,
      value: `$.${operatorEvents.oldestQueuedSeconds}`,
      statistic: 'Maximum',
      threshold: 300,
      periods: 2,
      title: 'Policies: age of the oldest change that waits for audit',
      sentence: 'A change of a policy has waited for the Audit Service for more than five minutes.',
    },
  ] satisfies readonly LogAlarmRule[],
} as const;

/** Last part of an alarm's name, or all of it for a log alarm, and the page of infra/docs/runbooks that it leads to. */
export const alarmRunbooks = {
  errors: 'service-errors',
  tasks: 'service-errors',
  latency: 'high-latency',
  throttles: 'throttling',
  'chain-verification': 'audit-chain-fails',
  'queue-age': 'queue-grows',
  budget: 'cost-alarm',
} as const;

/** The page, from the root of the repository, for an alarm's name without environment. Throws when there is none. */
export function runbookOf(name: string): string {
  const found = Object.entries(alarmRunbooks).find(([kind]) => name === kind || name.endsWith(`-${kind}`));
  if (found === undefined) throw new Error(`The alarm ${name} has no runbook: name one in alarm-rules.ts.`);
  return `infra/docs/runbooks/${found[1]}.md`;
}
