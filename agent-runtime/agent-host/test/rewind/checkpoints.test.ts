import { describe, expect, it } from '@jest/globals';
import type { ConversationMessage } from '@steward/contracts';
import fc from 'fast-check';
import { findPlace, placesIn } from '../../src/rewind/checkpoints.ts';

const sessionId = 'sess_01JD0000000000000000000001';
const at = '2026-11-21T08:00:00.000Z';
const messagesKept = (...args: Parameters<typeof findPlace>): number | undefined => findPlace(...args)?.kept;
const checkpointsOf = (...args: Parameters<typeof placesIn>) =>
  [...placesIn(...args)].map(({ checkpoint }) => checkpoint);
const message = (
  messageId: string,
  role: 'user' | 'assistant' | 'tool',
  rest: Partial<ConversationMessage> = {},
): ConversationMessage => ({ messageId, sessionId, role, content: messageId, timestamp: at, ...rest });

const thread = [
  message('msg_earlier', 'user', { sessionId: 'sess_01JC0000000000000000000009' }),
  message('msg_p1', 'user', { taskId: 'task_1', content: 'Rename  add\nto sum' }),
  message('msg_a1', 'assistant', { taskId: 'task_1', stepId: 'step_1' }),
  message('msg_t1', 'tool', { taskId: 'task_1', stepId: 'step_1' }),
  message('msg_a2', 'assistant', { taskId: 'task_1', stepId: 'step_2' }),
  message('msg_p2', 'user', { taskId: 'task_2', content: 'Run the tests' }),
  message('msg_a3', 'assistant', { taskId: 'task_2', stepId: 'step_3' }),
];

describe('the checkpoints of a conversation', () => {
  it('are before each of its own prompts and after each step that something follows', () => {
    expect(checkpointsOf(thread, sessionId)).toEqual([
      { checkpointId: 'msg_earlier', kind: 'before_prompt', prompt: 'Rename add to sum', taskId: 'task_1', at },
      {
        checkpointId: 'msg_t1',
        kind: 'after_step',
        stepId: 'step_1',
        stepNumber: 1,
        prompt: 'Rename add to sum',
        taskId: 'task_1',
        at,
      },
      { checkpointId: 'msg_a2', kind: 'before_prompt', prompt: 'Run the tests', taskId: 'task_2', at },
    ]);
  });

  it('begin with nothing kept where nothing was said before', () => {
    expect(checkpointsOf(thread.slice(1, 2), sessionId)).toEqual([
      { checkpointId: 'start', kind: 'before_prompt', prompt: 'Rename add to sum', taskId: 'task_1', at },
    ]);
    expect(messagesKept(thread.slice(1), sessionId, 'start')).toBe(0);
  });

  it('keep everything up to and with the message that names them', () => {
    expect(messagesKept(thread, sessionId, 'msg_t1')).toBe(4);
  });

  it.each(['msg_a1', 'msg_a3', 'msg_nowhere', 'start'])('are not at %s', (checkpointId) => {
    expect(messagesKept(thread, sessionId, checkpointId)).toBeUndefined();
  });

  it('never part a call from its result', () => {
    const step = fc.record({ calls: fc.integer({ min: 0, max: 3 }) });
    const task = fc.array(step, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(task, { minLength: 1, maxLength: 4 }), (tasks) => {
        let number = 0;
        const messages = tasks.flatMap((steps) => [
          message(`msg_${(number += 1)}`, 'user'),
          ...steps.flatMap(({ calls }) => {
            const stepId = `step_${number}`;
            const answer = message(`msg_${(number += 1)}`, 'assistant', { stepId });
            return [
              answer,
              ...Array.from({ length: calls }, () => message(`msg_${(number += 1)}`, 'tool', { stepId })),
            ];
          }),
        ]);

        const cuts = checkpointsOf(messages, sessionId).map(({ checkpointId }) =>
          messagesKept(messages, sessionId, checkpointId),
        );

        for (const cut of cuts) {
          const before = messages[cut! - 1]?.stepId;
          expect(before === undefined || messages[cut!]?.stepId !== before).toBe(true);
        }
      }),
    );
  });
});
