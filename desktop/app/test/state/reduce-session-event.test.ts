import type { SessionEvent } from '@steward/contracts';
import { describe, expect, it } from '@jest/globals';
import { reduceSessionEvent } from '../../src/state/reduce-session-event.ts';
import { emptyThread } from '../../src/state/thread.ts';
import type { ThreadState } from '../../src/state/thread.ts';
import { approvalFor, EventScript, wholeTask } from './events.ts';

const reduce = (events: readonly SessionEvent[]): ThreadState => events.reduce(reduceSessionEvent, emptyThread);
const kinds = (thread: ThreadState): string[] => thread.items.map((item) => `${item.kind}:${item.id}`);

describe('reduceSessionEvent', () => {
  it('says which remote tools are not offered, and nothing when all are', () => {
    const problems = [{ server: 'wiki', toolName: 'search', reason: 'its definition changed' }];

    const quiet = reduce(
      new EventScript().add('remote_tools_changed', { offered: ['wiki/read'], problems: [] }).events,
    );
    const loud = reduce(new EventScript().add('remote_tools_changed', { offered: [], problems }).events);

    expect(quiet.items).toEqual([]);
    expect(loud.items).toMatchObject([{ kind: 'notice', tone: 'warning', notice: { type: 'remote_tools', problems } }]);
  });

  it('turns a whole task into a prompt, an answer, tool cards and an end', () => {
    const thread = reduce(wholeTask());

    expect(kinds(thread)).toEqual(['user:msg_1', 'assistant:msg_2', 'tool:tc_1', 'tool:tc_2', 'end:end:task_1']);
    expect({ ...thread, items: [] }).toEqual({
      ...emptyThread,
      lastSeq: 19,
      task: {
        taskId: 'task_1',
        prompt: 'Run the tests',
        running: false,
        stepNumber: 1,
        maxSteps: 40,
        startedAt: '2026-11-21T08:00:03.000Z',
      },
      usage: { inputTokens: 10, outputTokens: 5, sessionTokensUsed: 15, maxSessionTokens: 1000 },
      policy: { state: 'active', policyName: 'Careful', policyBundleVersion: 1 },
      changedFiles: [{ path: 'a.ts', status: 'modified', additions: 1, deletions: 0 }],
    });
    expect(thread.items[3]).toMatchObject({
      phase: 'succeeded',
      output: 'PASS',
      exitCode: 0,
      approval: { decision: 'approved', scope: 'once', reason: null, by: 'alice', at: '2026-11-21T08:00:14.000Z' },
    });
    expect(thread.items[4]).toMatchObject({
      outcome: 'completed',
      stepCount: 1,
      durationMs: 9000,
      filesChanged: [{ path: 'a.ts' }],
    });
  });

  it('keeps streamed text apart from the items until the message is complete', () => {
    const events = wholeTask();

    const before = reduce(events.slice(0, 5));
    const during = reduce(events.slice(0, 7));
    const after = reduce(events.slice(0, 8));

    expect(during.items).toBe(reduceSessionEvent(during, { ...events[6]!, seq: 7 }).items);
    expect(during.items).toEqual(before.items);
    expect(during.live).toEqual({ messageId: 'msg_2', text: 'I run them.' });
    expect(after.live).toBeNull();
  });

  it('replaces a stretch of text that is sent again', () => {
    const script = new EventScript()
      .add('text_chunk', { messageId: 'msg_1', offset: 0, text: 'Hello wor' })
      .add('text_chunk', { messageId: 'msg_1', offset: 6, text: 'world' });

    expect(reduce(script.events).live).toEqual({ messageId: 'msg_1', text: 'Hello world' });
  });

  it('discards the partial answer when the model is asked again', () => {
    const script = new EventScript()
      .add('task_started', { prompt: 'x', maxSteps: 40 }, 'task_1')
      .add('llm_request_started', { model: 'demo-1', attempt: 1 }, 'task_1')
      .add('text_chunk', { messageId: 'msg_1', offset: 0, text: 'Half' }, 'task_1')
      .add('llm_request_completed', { model: 'demo-1', willRetryInMs: 2000 }, 'task_1');

    const thread = reduce(script.events);

    expect(thread.live).toBeNull();
    expect(thread.request).toEqual({ attempt: 1, retryInMs: 2000, since: '2026-11-21T08:00:04.000Z' });
  });

  it('shows the prompt once when task and message announce it in either order', () => {
    const taskFirst = new EventScript()
      .add('task_started', { prompt: 'Hi', maxSteps: 40 }, 'task_1')
      .add('user_message', { messageId: 'msg_1', content: 'Hi' }, 'task_1');
    const taskOnly = new EventScript().add('task_started', { prompt: 'Hi', maxSteps: 40 }, 'task_1');

    expect(kinds(reduce(taskFirst.events))).toEqual(['user:msg_1']);
    expect(kinds(reduce(taskOnly.events))).toEqual(['user:prompt:task_1']);
  });

  it('shows the same prompt again for another task', () => {
    const script = new EventScript()
      .add('user_message', { messageId: 'msg_1', content: 'Hi' }, 'task_1')
      .add('task_started', { prompt: 'Hi', maxSteps: 40 }, 'task_1')
      .add('task_completed', { stepCount: 1 }, 'task_1')
      .add('task_started', { prompt: 'Hi', maxSteps: 40 }, 'task_2');

    expect(kinds(reduce(script.events))).toEqual(['user:msg_1', 'end:end:task_1', 'user:prompt:task_2']);
  });

  it('keeps a partial answer and stops open tools when the task is cancelled', () => {
    const script = new EventScript()
      .add('task_started', { prompt: 'x', maxSteps: 40 }, 'task_1')
      .add('tool_requested', { toolCallId: 'tc_1', toolName: 'RunCommand', arguments: {} }, 'task_1')
      .add('approval_requested', { approval: approvalFor('tc_1') }, 'task_1')
      .add('text_chunk', { messageId: 'msg_1', offset: 0, text: 'Half' }, 'task_1')
      .add('task_cancelled', { forced: true }, 'task_1');

    const thread = reduce(script.events);

    expect(thread.approvals).toEqual([]);
    expect(thread.items.slice(1)).toMatchObject([
      { kind: 'tool', phase: 'stopped' },
      { kind: 'assistant', content: 'Half', partial: true },
      { kind: 'end', outcome: 'cancelled', forced: true },
    ]);
  });

  it('replaces a replayed approval instead of asking twice', () => {
    const script = new EventScript()
      .add('tool_requested', { toolCallId: 'tc_1', toolName: 'RunCommand', arguments: {} })
      .add('approval_requested', { approval: approvalFor('tc_1') })
      .add('approval_held', { approvalId: 'appr_tc_1' })
      .add('approval_requested', { approval: { ...approvalFor('tc_1'), status: 'held' } });

    expect(reduce(script.events).approvals).toEqual([{ ...approvalFor('tc_1'), status: 'held' }]);
  });

  it('shows an approval that nobody answered as denied by time', () => {
    const script = new EventScript()
      .add('tool_requested', { toolCallId: 'tc_1', toolName: 'RunCommand', arguments: {} })
      .add('approval_requested', { approval: approvalFor('tc_1') })
      .add('approval_timeout', { approvalId: 'appr_tc_1' });

    const thread = reduce(script.events);

    expect(thread.approvals).toEqual([]);
    expect(thread.items[0]).toMatchObject({ phase: 'denied', approval: { decision: 'timeout', by: null } });
  });

  it('keeps what a pause waits for until the session resumes', () => {
    const pause = {
      code: 'INTERNAL_ERROR' as const,
      message: 'The gateway does not answer.',
      since: '2026-11-21T08:00:00.000Z',
      waitsFor: 'gateway' as const,
    };
    const paused = new EventScript().add('session_paused', pause);

    expect(reduce(paused.events).pause).toEqual(pause);
    expect(reduce(paused.add('session_resumed', { recovered: true }).events)).toMatchObject({
      pause: null,
      items: [{ kind: 'notice', notice: { type: 'resumed', recovered: true } }],
    });
  });

  it('passes over an event type that it does not know', () => {
    const event = {
      eventId: 'evt_1',
      sessionId: 'sess_1',
      eventType: 'from_the_future',
      timestamp: '2026-11-21T08:00:00.000Z',
      seq: 1,
      payload: {},
    };

    expect(reduceSessionEvent(emptyThread, event)).toEqual({ ...emptyThread, lastSeq: 1 });
  });

  it('says what a changed policy means: the kill switch before a new version', () => {
    const policy = { state: 'active' as const, policyName: 'Careful developer', policyBundleVersion: 1 };
    const script = new EventScript()
      .add('session_started', { model: 'demo-1', policy })
      .add('policy_changed', { policy: { ...policy, policyBundleVersion: 2 } })
      .add('policy_changed', { policy: { ...policy, policyBundleVersion: 3, killSwitch: true } })
      .add('policy_changed', { policy: { ...policy, policyBundleVersion: 4, killSwitch: false } })
      .add('policy_expired', { policy: { ...policy, policyBundleVersion: 4, state: 'expired' as const } });

    const notices = reduce(script.events).items.map((item) => item.kind === 'notice' && [item.tone, item.notice]);

    expect(notices).toEqual([
      ['info', { type: 'policy_replaced', policyName: 'Careful developer' }],
      ['warning', { type: 'kill_switch', active: true }],
      ['info', { type: 'kill_switch', active: false }],
      ['warning', { type: 'policy', policyName: 'Careful developer', state: 'expired' }],
    ]);
  });
});
