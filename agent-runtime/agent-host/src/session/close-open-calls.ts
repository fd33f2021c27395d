import { timestampOf } from '@steward/sdk';
import type { Clock, NewId } from '@steward/sdk';
import type { Thread } from '../thread/thread.ts';
import type { TaskState } from './session-state.ts';
import type { SessionStore } from './session-store.ts';

/** What closing calls needs. */
export interface CloseCallsDeps {
  readonly store: SessionStore;
  readonly thread: Pick<Thread, 'add'>;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** Gives every call of a task without a result one, since a thread with an open call is refused by gateways. */
export function closeOpenCalls({ store, thread, clock, newId }: CloseCallsDeps, task: TaskState): void {
  const { block } = store.state.messages;
  const answer = block.find(({ role, taskId }) => role === 'assistant' && taskId === task.taskId);
  const done = new Set(block.map(({ toolCallId }) => toolCallId));
  for (const call of answer?.toolCalls ?? []) {
    if (done.has(call.toolCallId)) continue;
    const place = { taskId: task.taskId, ...(answer?.stepId === undefined ? {} : { stepId: answer.stepId }) };
    const error = { code: 'CONFLICT' as const, message: 'The task ended before this call was made.' };
    store.emit(
      'tool_completed',
      { toolCallId: call.toolCallId, toolName: call.toolName, status: 'failed', error },
      place,
    );
    const message = {
      messageId: newId('msg'),
      sessionId: store.sessionId,
      ...place,
      role: 'tool' as const,
      content: `${error.code}: ${error.message}`,
      timestamp: timestampOf(clock),
      toolCallId: call.toolCallId,
      toolResult: { toolName: call.toolName, status: 'failed' as const, error },
      provenance: { source: 'runtime' as const, trust: 'trusted' as const },
    };
    store.emit('message_completed', { message }, place);
    thread.add(message);
  }
}
