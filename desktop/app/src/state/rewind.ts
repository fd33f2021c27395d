import type { SessionEvent } from '@steward/contracts';
import type { PayloadOf, ThreadItem, ThreadState } from './thread.ts';

/** The thread as it was at a checkpoint, and a line that says so. Pure. */
export function rewind(state: ThreadState, event: SessionEvent): ThreadState {
  const payload = event.payload as PayloadOf<'session_rewound'>;
  const notice = {
    type: 'rewound',
    restored: payload.restored.length,
    refused: payload.refused.map(({ path }) => path),
  } as const;
  return {
    ...state,
    items: [
      ...itemsKept(state.items, payload),
      {
        kind: 'notice',
        id: event.eventId,
        tone: notice.refused.length > 0 ? 'warning' : 'info',
        notice,
        at: event.timestamp,
      },
    ],
    live: null,
    liveOutput: {},
    task: null,
    request: null,
    approvals: [],
    pause: null,
    changedFiles: [],
  };
}

function itemsKept(
  items: readonly ThreadItem[],
  { keptStepId, removedTaskId }: Pick<PayloadOf<'session_rewound'>, 'keptStepId' | 'removedTaskId'>,
): readonly ThreadItem[] {
  if (removedTaskId !== undefined) {
    const prompt = items.findIndex((item) => item.kind === 'user' && item.taskId === removedTaskId);
    return prompt < 0 ? items : items.slice(0, prompt);
  }
  const last = items.findLastIndex(
    (item) => (item.kind === 'tool' || item.kind === 'assistant') && item.stepId === keptStepId,
  );
  return last < 0 ? items : items.slice(0, last + 1);
}
