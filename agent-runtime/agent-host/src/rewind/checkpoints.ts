import type { Checkpoint, ConversationMessage } from '@steward/contracts';

const promptChars = 200;
const nothingKept = 'start';

/** A place to return to, and how many messages it keeps. */
export interface Place {
  readonly checkpoint: Checkpoint;
  readonly kept: number;
}

/**
 * The places that one can return to, oldest first: before each prompt of this session, and after each completed step.
 * They follow from the messages alone, so a journal needs no record of them. The place after the last message is the
 * present and is left out. Holds three messages at a time. Pure.
 */
export function* placesIn(messages: Iterable<ConversationMessage>, sessionId: string): Generator<Place> {
  let prompt = '';
  let stepNumber = 0;
  let index = -1;
  let before: ConversationMessage | undefined;
  let message: ConversationMessage | undefined;
  for (const next of messages) {
    if (message !== undefined) yield* placeAt(message, next);
    before = message;
    message = next;
    index += 1;
  }
  if (message !== undefined) yield* placeAt(message, undefined);

  function* placeAt(here: ConversationMessage, next: ConversationMessage | undefined): Generator<Place> {
    if (here.sessionId !== sessionId) return;
    const { messageId, stepId, taskId, timestamp: at } = here;
    const place = { ...(taskId === undefined ? {} : { taskId }), at };
    if (here.role === 'user') {
      prompt = shortened(here.content);
      stepNumber = 0;
      const checkpointId = before?.messageId ?? nothingKept;
      yield { checkpoint: { checkpointId, kind: 'before_prompt', prompt, ...place }, kept: index };
      return;
    }
    if (stepId === undefined || next?.stepId === stepId) return;
    stepNumber += 1;
    // A place after the last message, or right before the next prompt, is named once: as what comes there.
    if (next === undefined || next.role === 'user') return;
    yield {
      checkpoint: { checkpointId: messageId, kind: 'after_step', stepId, stepNumber, prompt, ...place },
      kept: index + 1,
    };
  }
}

/** The checkpoint of an id with how many messages it keeps; undefined for a place that is none. */
export function findPlace(
  messages: Iterable<ConversationMessage>,
  sessionId: string,
  checkpointId: string,
): Place | undefined {
  for (const place of placesIn(messages, sessionId)) if (place.checkpoint.checkpointId === checkpointId) return place;
  return undefined;
}

function shortened(content: string): string {
  const line = content.replace(/\s+/g, ' ').trim();
  return line.length <= promptChars ? line : `${line.slice(0, promptChars - 1)}…`;
}
