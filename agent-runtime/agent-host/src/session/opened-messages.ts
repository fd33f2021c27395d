import type { ConversationMessage } from '@steward/contracts';

/** Of a message and what surrounds it in memory, about. */
const overheadChars = 200;

/**
 * The newest messages that passed by while a journal was opened, so that what is needed of them at once is not read a
 * second time. Bounded; forgotten as soon as the conversation goes on.
 */
export class OpenedMessages {
  readonly #maxChars: number;
  #first = 0;
  #messages: ConversationMessage[] = [];
  #chars = 0;

  constructor(maxChars = 4 * 1024 * 1024) {
    this.#maxChars = maxChars;
  }

  /** The message with this number passed by; one that does not follow the last begins anew. */
  add(number: number, message: ConversationMessage): void {
    if (number !== this.#first + this.#messages.length) this.#restart(number);
    this.#messages.push(message);
    this.#chars += message.content.length + overheadChars;
    // Half of them at once, since moving a long list is dear.
    if (this.#chars > this.#maxChars) this.#forgetOlder();
  }

  /** Leaves only those before a number. */
  truncate(length: number): void {
    if (length <= this.#first) this.#restart(length);
    else this.#messages.length = Math.min(this.#messages.length, length - this.#first);
  }

  /** The messages from one number up to before another; undefined when not all of them are here. */
  slice(from: number, to: number): ConversationMessage[] | undefined {
    if (from < this.#first || to > this.#first + this.#messages.length) return undefined;
    return this.#messages.slice(from - this.#first, to - this.#first);
  }

  #forgetOlder(): void {
    const gone = Math.ceil(this.#messages.length / 2);
    this.#messages = this.#messages.slice(gone);
    this.#first += gone;
    this.#chars = this.#messages.reduce((sum, { content }) => sum + content.length + overheadChars, 0);
  }

  #restart(number: number): void {
    this.#first = number;
    this.#messages = [];
    this.#chars = 0;
  }
}
