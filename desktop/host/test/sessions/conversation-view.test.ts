import { describe, expect, it } from '@jest/globals';
import type { SessionEvent } from '@steward/contracts';
import fc from 'fast-check';
import { applyEvent, initialView } from '../../src/sessions/conversation-view.ts';
import type { ConversationView } from '../../src/sessions/conversation-view.ts';

const taskId = 'task_00000000000000000000000001';
const start = initialView('demo', true);
const event = (eventType: string, payload: Record<string, unknown> = {}): SessionEvent => ({
  eventId: 'evt_00000000000000000000000001',
  sessionId: 'sess_00000000000000000000000001',
  taskId,
  eventType,
  timestamp: '2026-11-21T09:00:00.000Z',
  seq: 1,
  payload,
});
const after = (...events: SessionEvent[]): ConversationView => events.reduce(applyEvent, start);
const started = event('task_started', { prompt: 'Rename it\nplease', maxSteps: 10 });

describe('applyEvent', () => {
  it('follows a task from prompt to end', () => {
    const usage = { inputTokens: 1, outputTokens: 2, sessionTokensUsed: 3, maxSessionTokens: 4 };

    const view = after(
      started,
      event('step_started', { stepNumber: 1, maxSteps: 10 }),
      event('step_completed', { stepNumber: 1, usage }),
      event('task_completed', { stepCount: 1 }),
    );

    expect(view).toEqual({
      ...start,
      status: 'SESSION_RUNNING',
      task: { taskId, status: 'TASK_COMPLETED', stepCount: 1, maxSteps: 10, prompt: 'Rename it\nplease' },
      usage,
      firstPrompt: 'Rename it',
    });
  });

  it('counts approvals nobody has answered, each once', () => {
    const ask = (approvalId: string): SessionEvent => event('approval_requested', { approval: { approvalId } });

    const asked = after(started, ask('a'), ask('b'), ask('a'));
    const answered = [
      event('approval_resolved', { approvalId: 'a' }),
      event('approval_timeout', { approvalId: 'b' }),
    ].reduce(applyEvent, asked);

    expect([asked.status, asked.pendingApprovals]).toEqual(['WAITING_FOR_APPROVAL', ['a', 'b']]);
    expect([answered.status, answered.pendingApprovals]).toEqual(['SESSION_RUNNING', []]);
  });

  it('says what a pause waits for until work goes on', () => {
    const pause = {
      code: 'INTERNAL_ERROR',
      message: 'The gateway does not answer.',
      since: '2026-11-21T09:00:00.000Z',
      waitsFor: 'gateway',
    };

    const paused = after(started, event('session_paused', pause));

    expect([paused.status, paused.pause]).toEqual(['SESSION_PAUSED', pause]);
    expect(applyEvent(paused, event('session_resumed')).pause).toBeNull();
  });

  it('takes any event with any payload', () => {
    const types = fc.constantFrom(
      'session_started',
      'task_started',
      'step_started',
      'approval_requested',
      'approval_resolved',
      'task_failed',
      'policy_changed',
      'new_kind',
    );
    const payload = fc.dictionary(
      fc.constantFrom('prompt', 'maxSteps', 'approval', 'approvalId', 'stepNumber', 'policy', 'model'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(types, payload)), (events) => {
        const view = events.reduce((current, [type, content]) => applyEvent(current, event(type, content)), start);

        expect(Array.isArray(view.pendingApprovals)).toBe(true);
      }),
    );
  });
});
