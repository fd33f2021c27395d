import { describe, expect, it } from '@jest/globals';
import { openGrant } from '@steward/policy-engine';
import { handOn } from '../../src/grants/hand-on.ts';
import { taskGrant } from '../../src/grants/task-grant.ts';

const bundleJws = 'aaaa.bbbb.cccc';
const taskId = 'task_01JF0000000000000000000000';

describe('handOn', () => {
  it('leaves one remote tool for a short time, after all that the task was started with', () => {
    const grant = taskGrant({
      bundleJws,
      sessionId: 'sess_01JF0000000000000000000000',
      taskId,
      startedAt: '2026-02-21T15:00:00.000Z',
      options: { allowNetwork: true, approvalMode: 'always' },
    });
    const now = new Date('2026-02-21T15:04:22.000Z');

    const [jws, chain = ''] = handOn({
      bundleJws,
      grant,
      taskId,
      toolName: 'backend/text.count',
      now,
      validMs: 120_000,
    }).split('~');

    expect(jws).toBe(bundleJws);
    expect(openGrant(chain, bundleJws)).toEqual({
      ...grant,
      links: [
        ...grant.links,
        {
          by: 'runtime',
          at: now.toISOString(),
          taskId,
          narrowing: {
            approvalMode: 'always',
            capabilities: ['BackendTool.Invoke'],
            toolNames: ['backend/text.count'],
            expiresAt: '2026-02-21T15:06:22.000Z',
          },
        },
      ],
    });
  });
});
