import { describe, expect, it } from '@jest/globals';
import type { SessionEvent } from '@steward/contracts';
import { reduceSessionEvent } from '../../src/state/reduce-session-event.ts';
import { emptyThread } from '../../src/state/thread.ts';
import type { ThreadState } from '../../src/state/thread.ts';
import { itemsFromMessages } from '../../src/state/thread-from-history.ts';

const sessionId = 'sess_01JD0000000000000000000001';
const at = '2026-11-21T08:00:00.000Z';
const base = { sessionId, timestamp: at };
const shown: ThreadState = {
  ...emptyThread,
  lastSeq: 9,
  items: itemsFromMessages([
    { ...base, messageId: 'msg_p1', role: 'user', content: 'One', taskId: 'task_1' },
    { ...base, messageId: 'msg_a1', role: 'assistant', content: 'Done one.', taskId: 'task_1', stepId: 'step_1' },
    { ...base, messageId: 'msg_p2', role: 'user', content: 'Two', taskId: 'task_2' },
    {
      ...base,
      messageId: 'msg_a2',
      role: 'assistant',
      content: 'I write.',
      taskId: 'task_2',
      stepId: 'step_2',
      toolCalls: [{ toolCallId: 'tc_1', toolName: 'WriteFile', arguments: { path: 'a' } }],
    },
    { ...base, messageId: 'msg_a3', role: 'assistant', content: 'Done two.', taskId: 'task_2', stepId: 'step_3' },
  ]),
};
const rewound = (payload: Record<string, unknown>): SessionEvent => ({
  ...base,
  eventId: 'evt_1',
  seq: 10,
  eventType: 'session_rewound',
  payload: { checkpointId: 'start', messages: 0, restored: ['a'], refused: [], ...payload },
});
const idsOf = (state: ThreadState): string[] => state.items.map(({ id }) => id);

describe('a thread that went back', () => {
  it('shows nothing from the removed prompt on, and says so', () => {
    const state = reduceSessionEvent(shown, rewound({ removedTaskId: 'task_2' }));

    expect(idsOf(state)).toEqual(['msg_p1', 'msg_a1', 'evt_1']);
    expect(state.items.at(-1)).toEqual({
      kind: 'notice',
      id: 'evt_1',
      tone: 'info',
      notice: { type: 'rewound', restored: 1, refused: [] },
      at,
    });
  });

  it('shows everything up to the kept step', () => {
    const state = reduceSessionEvent(shown, rewound({ keptStepId: 'step_2' }));

    expect(idsOf(state)).toEqual(['msg_p1', 'msg_a1', 'msg_p2', 'msg_a2', 'tc_1', 'evt_1']);
  });

  it('names the files that were left alone', () => {
    const refused = [{ path: 'b.txt', reason: 'The file was changed by someone else since.' }];

    const state = reduceSessionEvent(shown, rewound({ removedTaskId: 'task_1', refused }));

    expect(state.items).toMatchObject([{ tone: 'warning', notice: { refused: ['b.txt'] } }]);
  });
});
