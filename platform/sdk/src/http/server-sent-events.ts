import { StewardError } from '../errors.ts';

/** One event of an event stream. */
export interface ServerSentEvent {
  /** The last id the stream has given, to be sent as `Last-Event-ID` after a reconnect. */
  readonly id?: string;
  /** `message` unless the stream names another. */
  readonly event: string;
  readonly data: string;
  /** Pause before a reconnect in milliseconds, when the stream asks for one. */
  readonly retryMs?: number;
}

/** Longest accepted event in UTF-16 units, unless given. */
const defaultMaxEventLength = 16 * 1024 * 1024;

/**
 * Reads an event stream as the WHATWG standard describes; ends when the body ends. Comments (heartbeats) are skipped.
 * Leaving the loop cancels the body. Throws FILE_TOO_LARGE when one event is longer than the limit.
 */
export async function* readServerSentEvents(
  body: ReadableStream<Uint8Array>,
  options: { maxEventLength?: number } = {},
): AsyncGenerator<ServerSentEvent> {
  const limit = options.maxEventLength ?? defaultMaxEventLength;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const lines = text.split(/\r\n|\n|\r(?!$)/);
      text = lines.pop() ?? '';
      for (const line of lines) {
        const event = parser.accept(line);
        if (event !== undefined) yield event;
      }
      if (text.length + parser.length > limit) {
        throw new StewardError(
          'FILE_TOO_LARGE',
          `An event of the stream is longer than ${limit} characters; reconnect after it.`,
        );
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

class EventParser {
  #id: string | undefined;
  #event = '';
  #data: string[] = [];
  #retryMs: number | undefined;
  length = 0;

  accept(line: string): ServerSentEvent | undefined {
    if (line === '') return this.#dispatch();
    if (line.startsWith(':')) return undefined;
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    this.length += line.length;
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.#retryMs = Number(value);
    return undefined;
  }

  #dispatch(): ServerSentEvent | undefined {
    const event = this.#event === '' ? 'message' : this.#event;
    const data = this.#data;
    this.#event = '';
    this.#data = [];
    this.length = 0;
    if (data.length === 0) return undefined;
    return {
      event,
      data: data.join('\n'),
      ...(this.#id === undefined ? {} : { id: this.#id }),
      ...(this.#retryMs === undefined ? {} : { retryMs: this.#retryMs }),
    };
  }
}
