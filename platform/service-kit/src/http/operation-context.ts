import type { Response } from 'express';
import type { Logger } from 'pino';
import type { Lifecycle } from '../drain.ts';
import type { Attempt } from '../idempotency/attempt.ts';
import type { Caller, RequestContext } from '../request-context.ts';
import type { RequestTrace } from './request-trace.ts';
import { localsOf } from './locals.ts';

/** One for all, since an error with its stack costs more than many a request. */
const clientGone = new Error('The client has gone.');

/**
 * What a handler knows about its call. Logger and signal are made when they are first asked for: most calls need
 * neither.
 */
export class OperationContext implements RequestContext {
  readonly caller: Caller;
  readonly now: Date;
  readonly #trace: RequestTrace;
  readonly #response: Response;
  readonly #lifecycle: Lifecycle;
  #gone: AbortController | undefined;
  #attempt: Attempt | undefined;

  /** Throws when the request was neither identified nor given a trace. */
  constructor(response: Response, lifecycle: Lifecycle, now: Date) {
    const { caller, trace } = localsOf(response);
    if (caller === undefined || trace === undefined)
      throw new Error('A request reached a handler without identity or trace.');
    this.caller = caller;
    this.now = now;
    this.#trace = trace;
    this.#response = response;
    this.#lifecycle = lifecycle;
  }

  /** Throws before the attempt has begun, which is no handler's to see. */
  get attempt(): Attempt {
    if (this.#attempt === undefined) throw new Error('A request has no attempt before its handler runs.');
    return this.#attempt;
  }

  /** The handler is about to run. */
  begin(attempt: Attempt): void {
    this.#attempt = attempt;
  }

  get traceId(): string {
    return this.#trace.traceId;
  }

  get traceparent(): string {
    return this.#trace.traceparent;
  }

  get requestId(): string {
    return this.#trace.requestId;
  }

  get logger(): Logger {
    return this.#trace.logger;
  }

  get signal(): AbortSignal {
    return this.#controller().signal;
  }

  /** Tells the work to stop. */
  abort(reason: unknown): void {
    this.#controller().abort(reason);
  }

  #controller(): AbortController {
    if (this.#gone !== undefined) return this.#gone;
    const gone = new AbortController();
    this.#gone = gone;
    const unlink = this.#lifecycle.link(gone);
    const response = this.#response;
    const end = (): void => {
      unlink();
      // An answer that has ended leaves nobody to tell.
      if (!response.writableFinished) gone.abort(clientGone);
    };
    if (response.closed) end();
    else response.once('close', end);
    return gone;
  }
}
