import { describe, expect, it } from '@jest/globals';
import { openGrant, sealGrant } from '@steward/policy-engine';
import { taskGrant } from '../../src/grants/task-grant.ts';

const facts = {
  bundleJws: 'aaaa.bbbb.cccc',
  sessionId: 'sess_01JF0000000000000000000000',
  taskId: 'task_01JF0000000000000000000000',
  startedAt: '2026-02-21T15:00:00.000Z',
};

describe('taskGrant', () => {
  it('is the session narrowed by the options of the task, and says who narrowed it', () => {
    const grant = taskGrant({ ...facts, options: { maxSteps: 5, allowNetwork: false, approvalMode: 'always' } });

    expect(grant.links).toEqual([
      {
        by: 'runtime',
        at: facts.startedAt,
        taskId: facts.taskId,
        narrowing: { allowNetwork: false, approvalMode: 'always' },
      },
    ]);
    expect(openGrant(sealGrant(grant, facts.bundleJws), facts.bundleJws)).toEqual(grant);
  });

  it('takes nothing away where the task asks for nothing', () => {
    expect(taskGrant({ ...facts, options: { allowNetwork: true } }).links[0]?.narrowing).toEqual({});
  });
});
