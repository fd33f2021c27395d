import { beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger, logChainPass, logQueueAge } from '@steward/service-kit';
import { synthesize } from '../support/synthesize.ts';
import type { Synthesized } from '../support/synthesize.ts';

interface Filter {
  readonly FilterPattern: string;
  readonly MetricTransformations: readonly { readonly MetricName: string; readonly MetricValue: string }[];
}

let synthesized: Synthesized;
beforeAll(() => {
  synthesized = synthesize('dev');
}, 600_000);

/** The line that a service writes. */
function lineOf(service: string, write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown> {
  const lines: string[] = [];
  write(createLogger(service, { write: (line) => void lines.push(line) }));
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
}

/** What the filters count of a line: a number by the name of its metric. */
function countedOf(line: Record<string, unknown>): Record<string, unknown> {
  const filters = synthesized.ofType('AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties as unknown);
  const counted = (filters as Filter[]).flatMap(({ FilterPattern, MetricTransformations }) => {
    const [, field = '', value] = /^\{ \$\.(\w+) = "([^"]*)" \}$/.exec(FilterPattern) ?? [];
    // A pattern of another form must be understood here before it can be trusted.
    expect(field).not.toBe('');
    if (line[field] !== value) return [];
    return MetricTransformations.map(({ MetricName, MetricValue }) => [MetricName, valueOf(MetricValue, line)]);
  });
  return Object.fromEntries(counted) as Record<string, unknown>;
}

function valueOf(value: string, line: Record<string, unknown>): unknown {
  return value.startsWith('$.') ? line[value.slice(2)] : Number(value);
}

describe('the alarms over logs', () => {
  const pass = { events: 9, streams: 2, isLast: false };

  it('count a chain that does not hold, as the Audit Service writes it', () => {
    const broken = { tenantId: 'acme', stream: 'workspace#ws_1', streamSeq: 3 };

    const line = lineOf('audit', (logger) => logChainPass(logger, { ...pass, broken }));

    expect(countedOf(line)).toEqual({ 'dev-chain-verification': 1 });
  });

  it('count nothing while chains hold', () => {
    expect(countedOf(lineOf('audit', (logger) => logChainPass(logger, pass)))).toEqual({});
  });

  it('read how long the oldest entry of a queue has waited, as a service writes it', () => {
    const line = lineOf('policy', (logger) => logQueueAge(logger, 'policy-changes', 301));

    expect(countedOf(line)).toEqual({ 'dev-queue-age': 301 });
  });

  it('watch the log of the service that writes the line', () => {
    const filters = synthesized.ofType('AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties);
    const watched = filters.map(({ LogGroupName, MetricTransformations }) => [
      (MetricTransformations as Filter['MetricTransformations'])[0]?.MetricName,
      /(audit|policy|session)/i.exec(JSON.stringify(LogGroupName))?.[0].toLowerCase(),
    ]);

    expect(Object.fromEntries(watched)).toEqual({ 'dev-chain-verification': 'audit', 'dev-queue-age': 'policy' });
  });

  it('are raised by a single broken chain, and by a queue that is old twice in a row', () => {
    const alarms = synthesized.ofType('AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
    const needed = alarms
      .filter(({ AlarmName }) => /-(chain-verification|queue-age)$/.test(String(AlarmName)))
      .map(({ AlarmName, DatapointsToAlarm, EvaluationPeriods }) => [AlarmName, DatapointsToAlarm, EvaluationPeriods]);

    expect(needed).toEqual([
      ['dev-steward-chain-verification', 1, 1],
      ['dev-steward-queue-age', 2, 2],
    ]);
  });
});
