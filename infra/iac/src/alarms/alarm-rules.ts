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
      event: 'chain_verification_failed',
      value: '1',
      statistic: 'Sum',
      threshold: 0,
      title: 'Audit: chains that did not verify',
      sentence: 'The hash chain of an audit stream did not verify: events may have been changed.',
    },
    {
      name: 'queue-age',
      service: 'session',
      event: 'queue_age',
      value: '$.oldestQueuedSeconds',
      statistic: 'Maximum',
      threshold: 300,
      title: 'Tasks: age of the oldest in the queue',
      sentence: 'A task has waited for a runner for more than five minutes.',
    },
  ] satisfies readonly LogAlarmRule[],
} as const;
