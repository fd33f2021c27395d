import type { ConversationMessage } from '@steward/contracts';
import { summaryMessage } from './context-summary.ts';
import type { ContextSummary, SummaryMaterial } from './context-summary.ts';
import { chooseWindow, windowFrom } from './context-window.ts';
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
  #summary: { readonly summary: ContextSummary; readonly wire: Uint8Array; readonly tokens: number } | undefined;
  /** The present window has room for a summary. */
  #roomForSummary = false;

  /** @param summary of the messages' beginning, as it was given to `useSummary` before */
  constructor(
    redact: (text: string) => string,
    messages: readonly ConversationMessage[] = [],
    summary?: ContextSummary,
  ) {
    this.#redact = redact;
    for (const message of messages) this.add(message);
    if (summary !== undefined) this.useSummary(summary);
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
    const summary = this.#summary?.summary;
    this.#summary = undefined;
    this.#roomForSummary = false;
    if (summary !== undefined) this.useSummary(summary);
  }

  /**
   * Sends a summary in place of the messages that it covers from now on. One that covers more than there is, is ignored.
   */
  useSummary(summary: ContextSummary): void {
    if (summary.upTo > this.#entries.length) return;
    const wire = Buffer.from(summaryMessage(summary, this.#redact));
    const tokens = Math.ceil((wire.length + 1) / bytesPerToken);
    this.#summary = { summary, wire, tokens };
    const window = windowFrom(this.#entries, summary.upTo, summary.goalMessageId);
    this.#window = { ...window, estimatedTokens: window.estimatedTokens + tokens };
    this.#roomForSummary = true;
    this.#dropped = window.goalIndex === undefined ? window.start : window.start - 1;
  }

  /** What the messages that were left out last can be summed up from; undefined when there is no room or nothing new. */
  summaryMaterial(): SummaryMaterial | undefined {
    const { start, goalIndex } = this.#window;
    const previous = this.#summary?.summary;
    const from = previous?.upTo ?? 0;
    const entries = this.#entries.slice(from, start).filter((_entry, index) => from + index !== goalIndex);
    if (!this.#roomForSummary || entries.length === 0) return undefined;
    const secret = entries.some(({ message }) => message.provenance?.trust === 'secret');
    const goal = goalIndex === undefined ? {} : { goalMessageId: this.#entries[goalIndex]!.message.messageId };
    return {
      lines: entries.map((entry) => Buffer.from(this.#buffer.slice(entry.start, entry.end - 1)).toString('utf8')),
      ...(previous === undefined ? {} : { previous }),
      covers: { upTo: start, ...goal, trust: secret || previous?.trust === 'secret' ? 'secret' : 'untrusted' },
    };
  }

  /** Tokens per estimated token, as learned so far. */
  get tokensPerEstimate(): number {
    return this.#calibration;
  }

  /**
   * The messages that fit into `maxTokens` beside a fixed part of `fixedTokens`: the goal (first user message of the
   * task) and the newest, calls never without their results. When some no longer fit, `summaryTokens` are kept free for
   * a summary of them, where there is room. Undefined when not even the goal and the newest fit.
   */
  wireMessages(
    goalMessageId: string | undefined,
    maxTokens: number,
    fixedTokens: number,
    summaryTokens = 0,
  ): WireMessages | undefined {
    const budget = Math.floor(maxTokens / this.#calibration) - fixedTokens;
    if (this.#window.estimatedTokens > budget && !this.#cutTo(budget, goalMessageId, summaryTokens)) return undefined;
    const { start, goalIndex } = this.#window;
    const tail = this.#entries[start];
    const pieces: Uint8Array[] = [];
    const dropped = goalIndex === undefined ? start : start - 1;
    const shown = this.#roomForSummary ? this.#summary : undefined;
    const before = shown === undefined ? (goalIndex ?? start) : 0;
    if (before > 0) pieces.push(markerOf(before), separator);
    if (goalIndex !== undefined) {
      const goal = this.#entries[goalIndex]!;
      pieces.push(this.#buffer.slice(goal.start, goal.end));
    }
    if (shown !== undefined) pieces.push(shown.wire, separator);
    const between = shown === undefined ? start - (goalIndex ?? start) - 1 : this.#notSummarised(shown.summary.upTo);
    if (between > 0) pieces.push(markerOf(between), separator);
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

  /** Makes the window smaller; false when nothing that is enough fits. */
  #cutTo(budget: number, goalMessageId: string | undefined, summaryTokens: number): boolean {
    const present = this.#summary?.tokens ?? 0;
    const extra = Math.max(summaryTokens, present);
    const roomy = extra === 0 ? undefined : chooseWindow(this.#entries, goalMessageId, budget, extra);
    const chosen = roomy ?? chooseWindow(this.#entries, goalMessageId, budget);
    if (chosen === undefined) return false;
    this.#roomForSummary = roomy !== undefined;
    const free = roomy === undefined ? 0 : extra - present;
    this.#window = { ...chosen, estimatedTokens: chosen.estimatedTokens - free };
    return true;
  }

  /** Messages that are left out and not in the summary of the first `upTo`. */
  #notSummarised(upTo: number): number {
    const { start, goalIndex } = this.#window;
    return Math.max(0, start - upTo - (goalIndex !== undefined && goalIndex >= upTo ? 1 : 0));
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
