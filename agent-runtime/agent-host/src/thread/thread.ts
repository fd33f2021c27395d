import type { ConversationMessage } from '@steward/contracts';
import { summaryMessage } from './context-summary.ts';
import type { ContextSummary, SummaryMaterial } from './context-summary.ts';
import { chooseWindow, windowFrom } from './context-window.ts';
import type { Goal, Held, Window } from './context-window.ts';
import { GrowingBuffer } from './growing-buffer.ts';
import { findBackwards, newestMessages } from './message-source.ts';
import type { MessageSource } from './message-source.ts';
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
/** Messages that are read back at once for a summary. */
const page = 64;

/** What a thread is told beside its messages. */
export interface ThreadOptions {
  /** Of the messages' beginning, as it was given to `useSummary` before. */
  readonly summary?: ContextSummary;
  /** Tokens that a request may hold; older messages than fill it are not read back. */
  capacity?(): number;
}

/** The goal as it is sent when it lies before what is held. */
interface KeptGoal extends Goal {
  readonly messageId: string;
  readonly wire: Uint8Array;
}

/**
 * The conversation as the model sees it. Each message is serialised and redacted once, when it is added; building a
 * request takes slices of one buffer. Only the messages of the present window are held, so that neither the memory nor
 * the cost of a request grows with the conversation. What the source holds already is read when it is needed first.
 */
export class Thread {
  readonly #redact: (text: string) => string;
  readonly #source: MessageSource;
  readonly #capacity: () => number;
  #buffer = new GrowingBuffer();
  /** Entries of the messages from `#first` on. */
  #entries: ThreadEntry[] = [];
  #first = 0;
  #goal: KeptGoal | undefined;
  /** Numbers of the prompts among them, by message id. */
  readonly #prompts = new Map<string, number>();
  /** Of calls whose results are not there yet. */
  readonly #modelCallIds = new Map<string, string>();
  /** Tokens per estimated token, learned from what the gateway counts. */
  #calibration = 1;
  #window: Window = { start: 0, estimatedTokens: 0 };
  #dropped = 0;
  #summary: { readonly summary: ContextSummary; readonly wire: Uint8Array; readonly tokens: number } | undefined;
  /** The present window has room for a summary. */
  #roomForSummary = false;
  /** The messages that were not read yet, all that there are, and the summary that was given for their beginning. */
  #unread: { readonly length: number; readonly summary: ContextSummary | undefined } | undefined;

  /** @param source of all messages, those too that will be added; it has them before `add` is called */
  constructor(redact: (text: string) => string, source: MessageSource = [], options: ThreadOptions = {}) {
    this.#redact = redact;
    this.#source = source;
    this.#capacity = () => options.capacity?.() ?? Number.POSITIVE_INFINITY;
    if (source.length > 0 || options.summary !== undefined)
      this.#unread = { length: source.length, summary: options.summary };
  }

  /** Messages of the whole conversation. */
  get length(): number {
    return this.#unread?.length ?? this.#first + this.#entries.length;
  }

  /** Reads what the first request will need, unless that was done. Throws what the source throws; then nothing is read. */
  prepare(): void {
    if (this.#unread === undefined) return;
    const { length, summary } = this.#unread;
    this.#load(length);
    this.#unread = undefined;
    if (summary !== undefined) this.useSummary(summary);
  }

  /** Adds a complete message. */
  add(message: ConversationMessage): void {
    // The source has it, so it is read with the others.
    if (this.#unread !== undefined) this.#unread = { ...this.#unread, length: this.#unread.length + 1 };
    else this.#hold(message);
  }

  #hold(message: ConversationMessage): void {
    const wire = this.#wireOf(message, this.#modelCallIds);
    const { messageId, role, toolCallId } = message;
    if (toolCallId !== undefined) this.#modelCallIds.delete(toolCallId);
    if (role === 'user') this.#prompts.set(messageId, this.#first + this.#entries.length);
    const start = this.#buffer.append(wire);
    this.#buffer.append(',');
    const { end } = this.#buffer;
    const estimatedTokens = Math.ceil((end - start) / bytesPerToken);
    this.#entries.push({ isResult: role === 'tool', start, end, estimatedTokens });
    this.#window = { ...this.#window, estimatedTokens: this.#window.estimatedTokens + estimatedTokens };
  }

  /** Leaves only the first messages, which the source still has. Call it while no request is being built or sent. */
  truncate(length: number): void {
    const summary = this.#summary?.summary ?? this.#unread?.summary;
    this.#unread = { length: Math.min(length, this.length), summary };
    this.#summary = undefined;
    this.#roomForSummary = false;
    this.#dropped = 0;
    this.#goal = undefined;
  }

  /**
   * Sends a summary in place of the messages that it covers from now on. One that covers more than there is, is ignored.
   */
  useSummary(summary: ContextSummary): void {
    this.prepare();
    if (summary.upTo > this.length) return;
    const wire = Buffer.from(summaryMessage(summary, this.#redact));
    const tokens = Math.ceil((wire.length + 1) / bytesPerToken);
    this.#summary = { summary, wire, tokens };
    const goal = this.#findGoal(summary.goalMessageId);
    const window = windowFrom(this.#held(), summary.upTo, goal);
    this.#take({ ...window, estimatedTokens: window.estimatedTokens + tokens }, goal);
    this.#roomForSummary = true;
    this.#dropped = window.goalIndex === undefined ? window.start : window.start - 1;
  }

  /** What the messages that were left out last can be summed up from; undefined when there is no room or nothing new. */
  summaryMaterial(): SummaryMaterial | undefined {
    this.prepare();
    const { start, goalIndex } = this.#window;
    const previous = this.#summary?.summary;
    const from = previous?.upTo ?? 0;
    const count = start - from - (goalIndex !== undefined && goalIndex >= from ? 1 : 0);
    if (!this.#roomForSummary || count <= 0) return undefined;
    const lines: string[] = [];
    const callIds = new Map<string, string>();
    let secret = previous?.trust === 'secret';
    for (let next = from; next < start; next += page) {
      for (const [offset, message] of this.#source.slice(next, Math.min(start, next + page)).entries()) {
        if (next + offset === goalIndex) continue;
        if (message.role !== 'tool') callIds.clear();
        lines.push(this.#wireOf(message, callIds));
        if (message.provenance?.trust === 'secret') secret = true;
      }
    }
    const goal = goalIndex === undefined || this.#goal === undefined ? {} : { goalMessageId: this.#goal.messageId };
    return {
      lines,
      ...(previous === undefined ? {} : { previous }),
      covers: { upTo: start, ...goal, trust: secret ? 'secret' : 'untrusted' },
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
    this.prepare();
    const budget = Math.floor(maxTokens / this.#calibration) - fixedTokens;
    if (this.#window.estimatedTokens > budget && !this.#cutTo(budget, goalMessageId, summaryTokens)) return undefined;
    const { start, goalIndex } = this.#window;
    const tail = this.#entries[start - this.#first];
    const pieces: Uint8Array[] = [];
    const dropped = goalIndex === undefined ? start : start - 1;
    const shown = this.#roomForSummary ? this.#summary : undefined;
    const before = shown === undefined ? (goalIndex ?? start) : 0;
    if (before > 0) pieces.push(markerOf(before), separator);
    if (goalIndex !== undefined && this.#goal !== undefined) pieces.push(this.#goal.wire);
    if (shown !== undefined) pieces.push(shown.wire, separator);
    const between = shown === undefined ? start - (goalIndex ?? start) - 1 : this.#notSummarised(shown.summary.upTo);
    if (between > 0) pieces.push(markerOf(between), separator);
    // The last comma belongs to the message that is not there yet.
    if (tail !== undefined) pieces.push(this.#buffer.slice(tail.start, this.#buffer.end - 1));
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
    const goal = this.#findGoal(goalMessageId);
    const roomy = extra === 0 ? undefined : chooseWindow(this.#held(), goal, budget, extra);
    const chosen = roomy ?? chooseWindow(this.#held(), goal, budget);
    if (chosen === undefined) return false;
    this.#roomForSummary = roomy !== undefined;
    const free = roomy === undefined ? 0 : extra - present;
    this.#take({ ...chosen, estimatedTokens: chosen.estimatedTokens - free }, goal);
    return true;
  }

  /** Makes a window the present one and forgets what lies before it, but for its goal. */
  #take(window: Window, goal: KeptGoal | undefined): void {
    this.#goal = window.goalIndex === undefined ? undefined : goal;
    this.#window = window;
    if (window.start > this.#first) this.#entries = this.#entries.slice(window.start - this.#first);
    this.#first = window.start;
    for (const [messageId, index] of this.#prompts) if (index < this.#first) this.#prompts.delete(messageId);
    this.#buffer.forgetBefore(this.#entries[0]?.start ?? this.#buffer.end);
  }

  /** Looks for the goal among what is held, then in the source. */
  #findGoal(messageId: string | undefined): KeptGoal | undefined {
    if (messageId === undefined) return undefined;
    if (this.#goal?.messageId === messageId) return this.#goal;
    const index = this.#prompts.get(messageId);
    if (index !== undefined) {
      const { start, end, estimatedTokens } = this.#entries[index - this.#first]!;
      return { index, messageId, wire: Buffer.from(this.#buffer.slice(start, end)), estimatedTokens };
    }
    const found = findBackwards(this.#source, this.#first, messageId);
    if (found === undefined) return undefined;
    const wire = Buffer.from(`${this.#wireOf(found.message, new Map())},`);
    return { index: found.index, messageId, wire, estimatedTokens: Math.ceil(wire.length / bytesPerToken) };
  }

  #load(length: number): void {
    this.#buffer = new GrowingBuffer();
    this.#entries = [];
    this.#prompts.clear();
    this.#modelCallIds.clear();
    const messages = newestMessages(this.#source, length, this.#capacity() / this.#calibration);
    this.#first = length - messages.length;
    this.#window = { start: this.#first, estimatedTokens: 0 };
    for (const message of messages) this.#hold(message);
  }

  #held(): Held {
    return { first: this.#first, entries: this.#entries };
  }

  /** @param callIds of the calls that the message may answer; its own are added */
  #wireOf(message: ConversationMessage, callIds: Map<string, string>): string {
    for (const call of message.toolCalls ?? []) callIds.set(call.toolCallId, call.modelCallId ?? call.toolCallId);
    return toWireMessage(message, (id) => callIds.get(id) ?? id, this.#redact);
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
