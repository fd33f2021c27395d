import type { EventPayloads, SessionEvent } from '@steward/contracts';

/** Numbers payloads into a session's events, one second apart. */
export class EventScript {
  readonly events: SessionEvent[] = [];

  add<K extends keyof EventPayloads>(eventType: K, payload: NonNullable<EventPayloads[K]>, taskId?: string): this {
    const seq = this.events.length + 1;
    const timestamp = new Date(Date.UTC(2026, 10, 21, 8, 0, seq)).toISOString();
    const event = {
      eventId: `evt_${seq}`,
      sessionId: 'sess_1',
      eventType,
      timestamp,
      seq,
      payload,
      ...(taskId ? { taskId } : {}),
    };
    this.events.push(event as SessionEvent);
    return this;
  }
}

/** A pending approval for a command of one tool call. */
export function approvalFor(toolCallId: string): NonNullable<EventPayloads['approval_requested']>['approval'] {
  return {
    approvalId: `appr_${toolCallId}`,
    sessionId: 'sess_1',
    taskId: 'task_1',
    stepId: 'step_1',
    toolCallId,
    title: 'Run npm test',
    actionSummary: 'Run a command.',
    riskLevel: 'medium',
    reasonCodes: ['APPROVAL_RULE'],
    details: { toolName: 'RunCommand', arguments: { command: 'npm test' } },
    subject: { kind: 'command', command: 'npm test' },
    actionDigest: 'sha256:0',
    allowedScopes: ['once'],
    createdAt: '2026-11-21T08:00:00.000Z',
    expiresAt: '2026-11-21T08:05:00.000Z',
    status: 'pending',
  };
}

/** One whole task: text, a read, an approved command, and its end. */
export function wholeTask(): SessionEvent[] {
  const usage = { inputTokens: 10, outputTokens: 5, sessionTokensUsed: 15, maxSessionTokens: 1000 };
  return new EventScript()
    .add('session_started', {
      model: 'demo-1',
      policy: { state: 'active', policyName: 'Careful', policyBundleVersion: 1 },
    })
    .add('user_message', { messageId: 'msg_1', content: 'Run the tests' }, 'task_1')
    .add('task_started', { prompt: 'Run the tests', maxSteps: 40 }, 'task_1')
    .add('step_started', { stepNumber: 1, maxSteps: 40 }, 'task_1')
    .add('llm_request_started', { model: 'demo-1', attempt: 1 }, 'task_1')
    .add('text_chunk', { messageId: 'msg_2', offset: 0, text: 'I run ' }, 'task_1')
    .add('text_chunk', { messageId: 'msg_2', offset: 6, text: 'them.' }, 'task_1')
    .add(
      'message_completed',
      {
        message: {
          messageId: 'msg_2',
          sessionId: 'sess_1',
          role: 'assistant',
          content: 'I run them.',
          timestamp: '2026-11-21T08:00:08.000Z',
        },
      },
      'task_1',
    )
    .add('tool_requested', { toolCallId: 'tc_1', toolName: 'ReadFile', arguments: { path: 'package.json' } }, 'task_1')
    .add(
      'tool_completed',
      {
        toolCallId: 'tc_1',
        toolName: 'ReadFile',
        status: 'succeeded',
        outputText: '{}',
        durationMs: 3,
        decision: { decision: 'allow', reasonCodes: [] },
      },
      'task_1',
    )
    .add('tool_requested', { toolCallId: 'tc_2', toolName: 'RunCommand', arguments: { command: 'npm test' } }, 'task_1')
    .add(
      'decision_recorded',
      { toolCallId: 'tc_2', decision: { decision: 'require_approval', reasonCodes: ['APPROVAL_RULE'] } },
      'task_1',
    )
    .add('approval_requested', { approval: approvalFor('tc_2') }, 'task_1')
    .add(
      'approval_resolved',
      { approvalId: 'appr_tc_2', decision: 'approved', scope: 'once', decidedBy: { type: 'user', id: 'alice' } },
      'task_1',
    )
    .add('tool_output_chunk', { toolCallId: 'tc_2', offset: 0, text: 'PASS' }, 'task_1')
    .add(
      'tool_completed',
      { toolCallId: 'tc_2', toolName: 'RunCommand', status: 'succeeded', exitCode: 0, durationMs: 900 },
      'task_1',
    )
    .add('patch_updated', { files: [{ path: 'a.ts', status: 'modified', additions: 1, deletions: 0 }] }, 'task_1')
    .add('step_completed', { stepNumber: 1, usage }, 'task_1')
    .add('task_completed', { stepCount: 1, durationMs: 9000 }, 'task_1').events;
}
