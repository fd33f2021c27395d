import type { ConversationMessage } from '@steward/contracts';
import { chooseWindow } from './context-window.ts';
import type { Window } from './context-window.ts';
import { GrowingBuffer } from './growing-buffer.ts';
import type { ThreadEntry } from './thread-entry.ts';
import { toWireMessage } from './wire-message.ts';

/** The messages of one request, as bytes. */
export interface WireMessages {
  readonly pieces: readonly Uint8Array[];
  readonly estimatedTokens: number;
  /** Messages that are left out, and how many of them went out with the last request. */
  readonly dropped: number;
  readonly newlyDropped: number;
}

const bytesPerToken = 4;
const separator = Buffer.from(',');

/**
 * The conversation as the model sees it. Each message is serialised and redacted once, when it is added; building a
 * request takes slices of one buffer, so its cost does not grow with the conversation.
 */
export class Thread {
  readonly #redact: (text: string) => string;
  readonly #buffer = new GrowingBuffer();
  readonly #entries: ThreadEntry[] = [];
  readonly #modelCallIds = new Map<string, string>();
  /** Tokens per estimated token, learned from what the gateway counts. */
  #calibration = 1;
  #window: Window = { start: 0, estimatedTokens: 0 };
  #dropped = 0;

  constructor(redact: (text: string) => string, messages: readonly ConversationMessage[] = []) {
    this.#redact = redact;
    for (const message of messages) this.add(message);
  }

  get length(): number {
    return this.#entries.length;
  }

  /** Adds a complete message. */
  add(message: ConversationMessage): void {
    for (const call of message.toolCalls ?? [])
      this.#modelCallIds.set(call.toolCallId, call.modelCallId ?? call.toolCallId);
    const wire = toWireMessage(message, (id) => this.#modelCallIds.get(id) ?? id, this.#redact);
    const start = this.#buffer.append(wire);
    this.#buffer.append(',');
    const estimatedTokens = Math.ceil((this.#buffer.length - start) / bytesPerToken);
    this.#entries.push({ message, start, end: this.#buffer.length, estimatedTokens });
    this.#window = { ...this.#window, estimatedTokens: this.#window.estimatedTokens + estimatedTokens };
  }

  /** Leaves only the first messages. Call it while no request is being built or sent. */
  truncate(length: number): void {
    this.#entries.length = Math.min(length, this.#entries.length);
    this.#buffer.truncate(this.#entries.at(-1)?.end ?? 0);
    const estimatedTokens = this.#entries.reduce((sum, entry) => sum + entry.estimatedTokens, 0);
    this.#window = { start: 0, estimatedTokens };
    this.#dropped = 0;
  }

  /**
   * The messages that fit into `maxTokens` beside a fixed part of `fixedTokens`: the goal (first user message of the
   * task) and the newest, calls never without their results. Undefined when not even those fit.
   */
  wireMessages(goalMessageId: string | undefined, maxTokens: number, fixedTokens: number): WireMessages | undefined {
    const budget = Math.floor(maxTokens / this.#calibration) - fixedTokens;
    if (this.#window.estimatedTokens > budget) {
      const chosen = chooseWindow(this.#entries, goalMessageId, budget);
      if (chosen === undefined) return undefined;
      this.#window = chosen;
    }
    const { start, goalIndex } = this.#window;
    const tail = this.#entries[start];
    const pieces: Uint8Array[] = [];
    const dropped = goalIndex === undefined ? start : start - 1;
    if (goalIndex !== undefined) {
      const goal = this.#entries[goalIndex]!;
      if (goalIndex > 0) pieces.push(markerOf(goalIndex), separator);
      pieces.push(this.#buffer.slice(goal.start, goal.end));
      if (start - goalIndex > 1) pieces.push(markerOf(start - goalIndex - 1), separator);
    } else if (start > 0) pieces.push(markerOf(start), separator);
    // The last comma belongs to the message that is not there yet.
    if (tail !== undefined) pieces.push(this.#buffer.slice(tail.start, this.#buffer.length - 1));
    const newlyDropped = Math.max(0, dropped - this.#dropped);
    this.#dropped = dropped;
    return {
      pieces,
      estimatedTokens: Math.ceil((this.#window.estimatedTokens + fixedTokens) * this.#calibration),
      dropped,
      newlyDropped,
    };
  }

  /** Learns from the gateway's own count of a request that was estimated without calibration as `estimated`. */
  calibrate(estimatedTokens: number, countedTokens: number): void {
    const raw = estimatedTokens / this.#calibration;
    if (raw < 200 || countedTokens < 1) return;
    this.#calibration = Math.min(4, Math.max(0.25, countedTokens / raw));
  }
}

function markerOf(count: number): Uint8Array {
  const content = `[${count} earlier message${count === 1 ? ' was' : 's were'} left out here to fit the context window]`;
  return Buffer.from(JSON.stringify({ role: 'user', content }));
}
