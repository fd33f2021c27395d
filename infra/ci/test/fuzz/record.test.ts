import { describe, expect, test } from '@jest/globals';
import { emptyRecord, judgeOperations, mergeRecords } from '../../src/fuzz/record.ts';
import type { CheckFailure, RunRecord } from '../../src/fuzz/record.ts';
import { summaryLines } from '../../src/fuzz/summary.ts';

const failure = (changes: Partial<CheckFailure> = {}): CheckFailure => ({
  operation: 'getThing',
  check: 'ServerError',
  count: 2,
  reason: null,
  examples: [{ problem: 'p', request: 'GET /things/1', headers: {}, body: '', status: 500, answer: 'oops' }],
  ...changes,
});
const record = (changes: Partial<RunRecord> = {}): RunRecord => ({ ...emptyRecord, ...changes });

describe('the record of a run', () => {
  test('adds up with another one: requests, statuses, failures of the same check, ids once', () => {
    const left = record({
      requests: 3,
      operations: { getThing: { '200': 2, '404': 1 } },
      failures: [failure()],
      phases: { fuzzing: 3 },
      flows: 1,
      checks: ['not_a_server_error'],
      ids: { ws: ['a', 'b'] },
      made: { ws: ['a'] },
      strangers: { '404': 2 },
    });
    const right = record({
      requests: 2,
      operations: { getThing: { '404': 1 }, listThings: { '200': 1 } },
      failures: [failure({ count: 5 }), failure({ check: 'UndefinedStatusCode' })],
      phases: { fuzzing: 1, stateful: 1 },
      flows: 2,
      checks: ['not_a_server_error', 'use_after_free'],
      ids: { ws: ['b', 'c'] },
      made: { ws: ['c'], sess: ['s'] },
      strangers: { '404': 1, '201': 1 },
    });

    const merged = mergeRecords(left, right);

    expect(merged).toEqual({
      requests: 5,
      phases: { fuzzing: 4, stateful: 1 },
      flows: 3,
      checks: ['not_a_server_error', 'use_after_free'],
      operations: { getThing: { '200': 2, '404': 2 }, listThings: { '200': 1 } },
      failures: [
        failure({ count: 7, examples: [...failure().examples, ...failure().examples] }),
        failure({ check: 'UndefinedStatusCode' }),
      ],
      explained: [],
      ids: { ws: ['a', 'b', 'c'] },
      made: { ws: ['a', 'c'], sess: ['s'] },
      strangers: { '404': 3, '201': 1 },
      strangersOwn: [],
    });
  });

  test('leaves out ids that clients choose and a stranger chose in any of the runs', () => {
    const first = record({ ids: { appr: ['appr_1'], ws: ['ws_1'] }, strangersOwn: ['appr_1', 'appr_2', 'ws_1'] });
    const second = record({ ids: { appr: ['appr_2', 'appr_3'] }, strangersOwn: ['appr_2', 'evt_1'] });

    const { ids, strangersOwn } = mergeRecords(first, second);

    expect(ids).toEqual({ appr: ['appr_3'], ws: ['ws_1'] });
    expect(strangersOwn).toEqual(['appr_1', 'appr_2', 'ws_1', 'evt_1']);
  });
});

describe('the verdict on an operation', () => {
  test('fails for a broken check, for no call at all, and for no success without a reason', () => {
    const seen = record({
      operations: {
        good: { '200': 1 },
        getThing: { '200': 1, '500': 2 },
        refused: { '403': 9 },
        excused: { '403': 1 },
      },
      failures: [failure()],
    });

    const verdicts = judgeOperations(['good', 'getThing', 'refused', 'excused', 'absent'], seen, {
      excused: 'Nobody may.',
    });

    expect(verdicts.map(({ operation, problems }) => [operation, problems])).toEqual([
      ['good', []],
      ['getThing', ['ServerError (2)']],
      ['refused', ['was never answered with success']],
      ['excused', []],
      ['absent', ['was never called']],
    ]);
  });

  test('fails when a documented reason no longer holds', () => {
    const seen = record({ operations: { excused: { '200': 1 } } });

    const [verdict] = judgeOperations(['excused'], seen, { excused: 'Nobody may.' });

    expect(verdict?.problems).toEqual(['succeeds although a reason is documented why it can not']);
  });
});

describe('the summary', () => {
  test('ends with the count of operations, places, lists and broken runs, and names each failure with a request', () => {
    const verdicts = [
      { service: 'things', operation: 'getThing', statuses: { '500': 2 }, problems: ['ServerError (2)'] },
      { service: 'things', operation: 'listThings', statuses: { '200': 1 }, problems: [] },
    ];
    const seen = record({
      requests: 3,
      phases: { fuzzing: 1, stateful: 2 },
      flows: 1,
      strangers: { '404': 3, '500': 1 },
      checks: ['not_a_server_error', 'use_after_free'],
      operations: { getThing: { '500': 2 } },
      failures: [failure()],
    });

    const lines = summaryLines({
      seeds: [7, 8],
      seconds: 1.4,
      record: seen,
      verdicts,
      crossTenant: [
        { place: 'things getThing path thingId', replayed: 4, problems: [] },
        { place: 'things listThings query thingId', replayed: 2, problems: ['a: answered 200'] },
      ],
      leaks: [
        { place: 'things /things', looked: 3, problems: ['thing_1 is there although no answer named it'] },
        { place: 'things /boxes', looked: 2, problems: [] },
      ],
      broken: ['things: it ended'],
    });

    expect(lines.slice(-7)).toEqual([
      'Replayed 6 foreign ids at 2 places.',
      'Answers to a stranger who sent the same: 404×3 500×1.',
      'Looked at 5 items of 2 lists for what a failed creation left behind.',
      'Checks of every answer: not_a_server_error, use_after_free.',
      'Requests by phase: fuzzing 1, stateful 2; 1 flows.',
      'Sent 3 requests to 2 of 2 operations in 1 s; 3 answers with 5xx, 2 findings; seeds 7 to 8.',
      '3 passed, 4 failed',
    ]);
    expect(lines).toEqual(
      expect.arrayContaining([
        'FAILED getThing: ServerError, 2 times',
        '  GET /things/1 ',
        'FAILED things listThings query thingId: 1 foreign ids, first a: answered 200',
        'FAILED things /things: 1 leaks, first thing_1 is there although no answer named it',
        'FAILED things: it ended',
      ]),
    );
  });
});
