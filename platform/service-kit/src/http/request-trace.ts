import type { Logger } from 'pino';
import { childTrace, formatTraceparent, parseTraceparent } from '@steward/sdk';

/** A request's place in its trace, and a logger that says so. */
export class RequestTrace {
  readonly traceId: string;
  readonly traceparent: string;
  readonly requestId: string;
  readonly #base: Logger;
  #logger: Logger | undefined;

  /** @param header the caller's `traceparent`; a new trace begins where there is none */
  constructor(base: Logger, requestId: string, header: string | undefined) {
    const trace = childTrace(parseTraceparent(header));
    this.traceId = trace.traceId;
    this.traceparent = formatTraceparent(trace);
    this.requestId = requestId;
    this.#base = base;
  }

  /** Made when it is first asked for, since most requests log nothing but their last line. */
  get logger(): Logger {
    return (this.#logger ??= this.#base.child({ traceId: this.traceId, requestId: this.requestId }));
  }
}
