import type { Checkpoint, ConversationMessage } from '@steward/contracts';

const promptChars = 200;
const nothingKept = 'start';

/**
 * The places that one can return to, oldest first: before each prompt of this session, and after each completed step.
 * They follow from the messages alone, so a journal needs no record of them. The place after the last message is the
 * present and is left out. Pure.
 */
export function checkpointsOf(messages: readonly ConversationMessage[], sessionId: string): Checkpoint[] {
  const found: Checkpoint[] = [];
  let prompt = '';
  let stepNumber = 0;
  messages.forEach((message, index) => {
    if (message.sessionId !== sessionId) return;
    const place = {
      ...(message.taskId === undefined ? {} : { taskId: message.taskId }),
      at: message.timestamp,
    };
    if (message.role === 'user') {
      prompt = shortened(message.content);
      stepNumber = 0;
      const before = messages[index - 1];
      found.push({ checkpointId: before?.messageId ?? nothingKept, kind: 'before_prompt', prompt, ...place });
      return;
    }
    const next = messages[index + 1];
    if (message.stepId === undefined || next?.stepId === message.stepId) return;
    stepNumber += 1;
    // A place after the last message, or right before the next prompt, is named once: as what comes there.
    if (next === undefined || next.role === 'user') return;
    const { messageId, stepId } = message;
    found.push({ checkpointId: messageId, kind: 'after_step', stepId, stepNumber, prompt, ...place });
  });
  return found;
}

/** The checkpoint of an id with how many messages it keeps; undefined for a place that is none. */
export function findCheckpoint(
  messages: readonly ConversationMessage[],
  sessionId: string,
  checkpointId: string,
): { readonly checkpoint: Checkpoint; readonly kept: number } | undefined {
  const checkpoint = checkpointsOf(messages, sessionId).find((other) => other.checkpointId === checkpointId);
  if (checkpoint === undefined) return undefined;
  return { checkpoint, kept: messages.findIndex(({ messageId }) => messageId === checkpointId) + 1 };
}

function shortened(content: string): string {
  const line = content.replace(/\s+/g, ' ').trim();
  return line.length <= promptChars ? line : `${line.slice(0, promptChars - 1)}…`;
}
