import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PendingApproval } from '@steward/contracts';
import { TestHost, callsOf, testSessionId } from '../support/test-host.ts';
import { settle } from '../support/manual-time.ts';

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  await host.open();
});
afterEach(() => host.close());

const command = (text: string): { name: string; arguments: unknown } => ({
  name: 'RunCommand',
  arguments: { command: text },
});

function say(...turns: { name: string; arguments: unknown }[][]): void {
  host.model.next = (index) =>
    turns[index] === undefined ? { text: 'Done.', toolCalls: [], finishReason: 'stop' } : callsOf(...turns[index]!);
}

async function requested(count = 1): Promise<PendingApproval> {
  await host.event(
    (event) =>
      event.eventType === 'approval_requested' &&
      host.events.filter(({ eventType }) => eventType === 'approval_requested').length >= count,
  );
  return host.events
    .filter(({ eventType }) => eventType === 'approval_requested')
    .map(({ payload }) => payload['approval'] as PendingApproval)[count - 1]!;
}

function answer(
  { approvalId, actionDigest }: PendingApproval,
  decision: 'approved' | 'denied' | 'held',
  scope?: 'once' | 'task' | 'session',
): Promise<unknown> {
  return host.peer.request('ApproveAction', {
    approvalId,
    actionDigest,
    decision,
    ...(scope === undefined ? {} : { scope }),
  });
}

describe('an approval', () => {
  it('counts as denied when nobody answers within five minutes', async () => {
    say([command('npm test')]);
    const taskId = await host.start();
    await requested();

    await host.time.advance(299_999);
    const before = host.types().includes('approval_timeout');
    await host.time.advance(1);
    await host.ended(taskId);

    expect(before).toBe(false);
    expect(host.types()).toContain('approval_timeout');
    expect(host.log).not.toContain('execute RunCommand');
    expect(host.model.bodies[1]!.messages.at(-1)!.content).toMatch(/^APPROVAL_DENIED: Nobody answered/);
  });

  it('has no clock while it is held, and can still be given', async () => {
    say([command('npm test')]);
    const taskId = await host.start();
    const approval = await requested();

    await answer(approval, 'held');
    await host.time.advance(3_600_000);
    const state = await host.peer.request('GetSessionState', { sessionId: testSessionId });
    await answer(approval, 'approved');
    await host.ended(taskId);

    expect(state.pendingApprovals).toMatchObject([{ status: 'held' }]);
    expect(host.types()).toContain('approval_held');
    expect(host.types()).not.toContain('approval_timeout');
    expect(host.log).toContain('execute RunCommand');
  });

  it('is decided by the first of two answers that come at the same time', async () => {
    say([command('npm test')]);
    const taskId = await host.start();
    const approval = await requested();

    const answers = await Promise.all([answer(approval, 'denied'), answer(approval, 'approved')]);
    await host.ended(taskId);

    expect(answers).toEqual([
      { approvalId: approval.approvalId, decision: 'denied', first: true },
      { approvalId: approval.approvalId, decision: 'denied', first: false },
    ]);
    expect(host.log).not.toContain('execute RunCommand');
  });

  it('for the task covers the same action again, another action not, and the next task not', async () => {
    say([command('npm test')], [command('npm test')], [command('npm run build')]);
    const taskId = await host.start();
    await answer(await requested(), 'approved', 'task');
    await answer(await requested(2), 'denied');
    await host.ended(taskId);
    host.model.bodies.length = 0;
    say([command('npm test')]);
    const next = await host.start('Again');
    const third = await requested(3);
    await answer(third, 'denied');
    await host.ended(next);

    expect(host.log.filter((line) => line === 'execute RunCommand')).toHaveLength(2);
    expect(third.details.arguments).toEqual({ command: 'npm test' });
  });

  it('is asked for side by side when a step needs several', async () => {
    say([command('npm test'), command('npm run build')]);
    const taskId = await host.start();
    const second = await requested(2);
    const first = await requested(1);

    await answer(second, 'denied');
    await answer(first, 'approved');
    await host.ended(taskId);

    expect(host.log.filter((line) => line === 'execute RunCommand')).toHaveLength(1);
  });

  it('cannot be given for more than the policy permits', async () => {
    say([{ name: 'DeleteFile', arguments: { path: '/project/a.txt' } }]);
    await host.start();
    const approval = await requested();

    await expect(answer(approval, 'approved', 'session')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('is answered as cancelled when the task is cancelled', async () => {
    say([command('npm test')]);
    const taskId = await host.start();
    await requested();

    await host.peer.request('CancelTask', { sessionId: testSessionId });
    await host.ended(taskId);

    expect(host.events.find(({ eventType }) => eventType === 'approval_resolved')?.payload).toMatchObject({
      decision: 'cancelled',
    });
  });

  it('is recorded at the Approval Service with its decision', async () => {
    say([command('npm test')]);
    const taskId = await host.start();
    const approval = await requested();
    await answer(approval, 'approved');
    await host.ended(taskId);
    await settle();

    const posted = host.backend.sent
      .filter(({ request }) => request.service === 'approval')
      .map(({ request }) => request.body);
    expect(posted).toMatchObject([
      {
        approvalId: approval.approvalId,
        actionDigest: approval.actionDigest,
        decision: { decision: 'approved', scope: 'once' },
      },
    ]);
  });

  it('means nothing once the action has changed', async () => {
    say([{ name: 'DeleteFile', arguments: { path: '/project/a.txt' } }]);
    const taskId = await host.start();
    const approval = await requested();
    // The path has become a link to somewhere else.
    host.tools.facts = () =>
      Promise.resolve({
        platform: 'linux',
        cwd: '/project',
        workspaceDir: '/project',
        homeDir: '/home/alice',
        realPaths: { '/project/a.txt': '/project/other.txt' },
      });

    await answer(approval, 'approved');
    await host.ended(taskId);

    expect(host.log).not.toContain('execute DeleteFile');
    expect(host.model.bodies[1]!.messages.at(-1)!.content).toMatch(/^CONFLICT: /);
  });
});

describe('an approval that needs someone with the role approver', () => {
  beforeEach(async () => {
    await host.close();
    host = new TestHost();
    host.backend.bundle = { zone: 'high_stakes' };
    await host.open();
    say([command('ls')]);
  });

  it('is refused to the person of the session', async () => {
    await host.start();
    const approval = await requested();

    await expect(answer(approval, 'approved')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  it('is taken from the Approval Service', async () => {
    const taskId = await host.start();
    const { actionDigest } = await requested();
    await settle();

    host.backend.remoteApproval = { status: 'approved', actionDigest, decidedBy: 'bob' };
    await host.time.advance(2_000);
    await host.ended(taskId);

    expect(host.backend.sent.filter(({ request }) => request.service === 'approval')).toHaveLength(1);
    expect(host.events.find(({ eventType }) => eventType === 'approval_resolved')?.payload).toMatchObject({
      decision: 'approved',
      decidedBy: { type: 'user', id: 'bob' },
    });
    expect(host.log).toContain('execute RunCommand');
  });

  it.each([
    ['of the same person', { decidedBy: 'alice' }],
    ['of nobody', {}],
    ['about another action', { decidedBy: 'bob', actionDigest: `sha256:${'0'.repeat(64)}` }],
  ])('is not taken from a decision %s', async (_name, remote) => {
    const taskId = await host.start();
    const { actionDigest } = await requested();
    await settle();

    host.backend.remoteApproval = { status: 'approved', actionDigest, ...remote };
    await host.time.advance(2_000);
    await host.ended(taskId);

    expect(host.log).not.toContain('execute RunCommand');
  });
});
