import type { ConversationMessage } from '@steward/contracts';

/** A message of the thread with what the next request needs to know of it. */
export interface ThreadEntry {
  readonly message: ConversationMessage;
  /** Its bytes in the buffer of serialised messages. */
  readonly start: number;
  readonly end: number;
  readonly estimatedTokens: number;
}
