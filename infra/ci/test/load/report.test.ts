import { describe, expect, it } from '@jest/globals';
import { freshValueOf, groupsOf, withoutConditions } from '../../src/load/bare-plan.ts';
import { UsageError, parseLoadOptions } from '../../src/load/options.ts';
import { growthPerHour } from '../../src/load/trend.ts';
import { judged, median, reportLines, told } from '../../src/load/report.ts';

describe('the report of a load run', () => {
  it('counts the aims that were met and those that were missed, and nothing that was only told', () => {
    const findings = [
      judged('ratio', 0.84, { atLeast: 0.8 }),
      judged('recovery', Infinity, { atMost: 10, unit: ' s' }),
      judged('nothing measured', NaN, { atMost: 1 }),
      told('peak', '900/s'),
    ];

    expect(reportLines(findings)).toEqual([
      'What              Measured    Aim',
      'ratio             0.84        ≥ 0.8   ok',
      'recovery          Infinity s  ≤ 10 s  MISSED',
      'nothing measured  NaN         ≤ 1     MISSED',
      'peak              900/s',
      '',
      '1 passed, 2 failed',
    ]);
  });

  it('takes the middle round', () => {
    expect([median([0.9, 0.1, 0.8]), median([])]).toEqual([0.8, NaN]);
  });
});

describe('the arguments of a load run', () => {
  it('set the length of the mixed run and the parts', () => {
    const options = parseLoadOptions(['--minutes', '30', '--only', 'mixed', '--only', 'kill']);

    expect([options.mixedSeconds, options.only]).toEqual([1800, ['mixed', 'kill']]);
  });

  it('name hot routes by a part of their names', () => {
    expect(parseLoadOptions(['--route', 'workspace: ', '--route', 'read a session']).routes).toEqual([
      'workspace: ',
      'read a session',
    ]);
  });

  it.each([[['--minutes']], [['--minutes', '0']], [['--only', 'everything']], [['--route', 'no such']], [['--fast']]])(
    'are refused when they are %j',
    (args) => {
      expect(() => parseLoadOptions(args)).toThrow(UsageError);
    },
  );
});

describe('the calls that a bare handler repeats', () => {
  const call = (name: string, startedMs: number, endedMs: number, table = 'test-sessions') => ({
    name,
    input: { TableName: table, Key: { id: { S: name } } },
    startedMs,
    endedMs,
  });

  it('are grouped as they overlapped, in the form of the document client, without what only counts', () => {
    const groups = groupsOf([
      call('A', 0, 10),
      call('B', 5, 20),
      call('R', 6, 7, 'test-rate-limits'),
      call('C', 21, 30),
    ]);

    const bare = (name: string) => ({ name, input: { TableName: 'test-sessions', Key: { id: name } } });
    expect(groups).toEqual([[bare('A'), bare('B')], [bare('C')]]);
  });

  it('lose their conditions where the same rows are written again and again, and nothing else', () => {
    const put = { TableName: 'test-events', Item: { id: 'a' }, ConditionExpression: 'attribute_not_exists(id)' };
    const input = { TransactItems: [{ Put: put }] };

    const groups = withoutConditions([[{ name: 'TransactWriteItems', input }]]);

    const bare = { TransactItems: [{ Put: { TableName: 'test-events', Item: { id: 'a' } } }] };
    expect(groups).toEqual([[{ name: 'TransactWriteItems', input: bare }]]);
  });

  it('find what is new in each request wherever the body holds it', () => {
    const body = { events: [{ eventId: 'evt_1' }], approvalId: 'appr_1' };

    expect([
      freshValueOf(body, ['approvalId']),
      freshValueOf(body, ['events', 0, 'eventId']),
      freshValueOf(body, ['events', 1, 'eventId']),
      freshValueOf(undefined, ['approvalId']),
    ]).toEqual(['appr_1', 'evt_1', undefined, undefined]);
  });
});

describe('the growth of memory', () => {
  it('is what most pairs of samples say, whatever one of them says', () => {
    const rising = Array.from({ length: 60 }, (_, at) => ({ seconds: at * 60, value: 1000 + at }));
    const withPeak = rising.map((sample, at) => (at === 59 ? { ...sample, value: 5000 } : sample));

    const [calm, peaked] = [growthPerHour(rising), growthPerHour(withPeak)];

    expect(calm).toBeCloseTo((100 * 60) / 1029.5, 5);
    expect(peaked).toBeCloseTo(calm, 1);
  });

  it('is none where memory goes up and down, and unknown of nothing', () => {
    const waves = Array.from({ length: 40 }, (_, at) => ({ seconds: at, value: 1000 + (at % 2) * 100 }));

    expect([growthPerHour(waves), growthPerHour([])]).toEqual([0, NaN]);
  });
});
