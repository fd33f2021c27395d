import type { ConversationMessage } from '@steward/contracts';

/**
 * How many messages a conversation has, and the newest block of them: the last message that is no tool result, with the
 * results behind it. Everything that the loop must look at stands there; older messages are on the disk only.
 */
export class NewestMessages {
  #length = 0;
  #block: ConversationMessage[] = [];

  /** Messages of the whole conversation. */
  get length(): number {
    return this.#length;
  }

  /** The newest block in order; empty in a conversation that went back and did not go on yet. */
  get block(): readonly ConversationMessage[] {
    return this.#block;
  }

  push(message: ConversationMessage): void {
    if (message.role !== 'tool') this.#block = [];
    this.#block.push(message);
    this.#length += 1;
  }

  /** Leaves only the first messages. */
  truncate(length: number): void {
    const start = this.#length - this.#block.length;
    this.#block = length <= start ? [] : this.#block.slice(0, length - start);
    this.#length = length;
  }

  /** Passes over messages that lie on the disk, at the opening of a journal. */
  skipTo(length: number): void {
    this.#block = [];
    this.#length = length;
  }

  toJSON(): object {
    return { length: this.#length, block: this.#block };
  }
}
