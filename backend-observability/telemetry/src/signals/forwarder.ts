import { StewardError, retryAfterSeconds, withRetry } from '@steward/sdk';
import type { RetryOptions } from '@steward/sdk';
import { layoutOf } from './otlp.ts';
import type { SignalBatch, SignalKind } from './otlp.ts';

/** Where and how signals are sent on. */
export interface ForwarderOptions {
  /** Base URL of an OTLP/HTTP receiver: `/v1/traces` and the like are appended. */
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Records kept while the receiver is slow or away; the oldest go first beyond it. 10,000 unless given. */
  readonly maxBuffered?: number;
  readonly fetch?: typeof globalThis.fetch;
  readonly retry?: RetryOptions;
}

/** State of forwarding, in records. */
export interface ForwardingState {
  readonly forwarded: number;
  readonly failed: number;
  readonly buffered: number;
  readonly dropped: number;
}

/**
 * Sends signals on by OTLP/HTTP JSON, one request at a time, whatever has gathered meanwhile in one batch per kind.
 * Never blocks the sender and never grows without bound: what does not fit or is refused is counted and gone.
 */
export class OtlpForwarder {
  readonly #options: ForwarderOptions;
  #queue: SignalBatch[] = [];
  #state = { forwarded: 0, failed: 0, buffered: 0, dropped: 0 };
  #sending: Promise<void> | undefined;

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  get state(): ForwardingState {
    return { ...this.#state };
  }

  /** Takes batches for sending soon. */
  accept(batches: readonly SignalBatch[]): void {
    for (const batch of batches) {
      this.#queue.push(batch);
      this.#state.buffered += batch.records;
    }
    while (this.#state.buffered > (this.#options.maxBuffered ?? 10_000)) {
      const oldest = this.#queue.shift();
      if (oldest === undefined) break;
      this.#state.buffered -= oldest.records;
      this.#state.dropped += oldest.records;
    }
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  /** Resolves when everything accepted so far was sent or given up. */
  async flush(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const kind = this.#queue[0]!.kind;
      const batches = this.#queue.filter((batch) => batch.kind === kind);
      this.#queue = this.#queue.filter((batch) => batch.kind !== kind);
      const records = batches.reduce((sum, batch) => sum + batch.records, 0);
      this.#state.buffered -= records;
      const isSent = await this.#send(kind, batches);
      if (isSent) this.#state.forwarded += records;
      else this.#state.failed += records;
    }
  }

  async #send(kind: SignalKind, batches: readonly SignalBatch[]): Promise<boolean> {
    const body = JSON.stringify({ [layoutOf[kind].resources]: batches.map(({ resource }) => resource) });
    try {
      await withRetry(() => this.#post(kind, body), this.#options.retry);
      return true;
    } catch {
      return false;
    }
  }

  async #post(kind: SignalKind, body: string): Promise<void> {
    const { endpoint, headers } = this.#options;
    let response: Response;
    try {
      response = await (this.#options.fetch ?? globalThis.fetch)(`${endpoint.replace(/\/$/, '')}/v1/${kind}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(10_000),
      });
    } catch (cause) {
      throw new StewardError('INTERNAL_ERROR', 'The OTLP receiver could not be reached.', { cause, retryable: true });
    }
    await response.body?.cancel();
    if (response.ok) return;
    const after = retryAfterSeconds(response.headers.get('retry-after'), new Date());
    throw new StewardError('INTERNAL_ERROR', `The OTLP receiver answered ${response.status}.`, {
      // The statuses that the OTLP specification calls retryable.
      retryable: [429, 502, 503, 504].includes(response.status),
      details: after === undefined ? {} : { retryAfterSeconds: after },
    });
  }
}
