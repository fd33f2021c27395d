/** What the next request needs to know of a message; the message itself is on the disk. */
export interface ThreadEntry {
  /** A tool result: it belongs to the block of the message before. */
  readonly isResult: boolean;
  /** Its bytes in the buffer of serialised messages. */
  readonly start: number;
  readonly end: number;
  readonly estimatedTokens: number;
}
