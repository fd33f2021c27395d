import { errorCodes } from '@steward/contracts';
import type { ErrorBody, ErrorCode } from '@steward/contracts';

/** What an error may carry beside its code and message. */
export interface StewardErrorOptions {
  /** Facts a client can act on; must hold no secret. */
  readonly details?: Record<string, unknown>;
  /** Kept for the log of the process that threw; never crosses a wire. */
  readonly cause?: unknown;
  /** Overrides what the code says, for a single occurrence. */
  readonly retryable?: boolean;
}

/**
 * The one error that crosses boundaries: callers switch on `code`, never on `message`.
 * The message names the thing, the rule and the remedy.
 */
export class StewardError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: StewardErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StewardError';
    this.code = code;
    this.retryable = options.retryable ?? errorCodes[code].retryable;
    this.details = options.details ?? {};
  }
}

/** The other side of a connection went away before it answered; whether the request took effect is unknown. */
export class ConnectionClosedError extends StewardError {
  constructor(message: string, options: StewardErrorOptions = {}) {
    super('INTERNAL_ERROR', message, { retryable: true, ...options });
    this.name = 'ConnectionClosedError';
  }
}

/** The service could not be reached at all, or did not answer in time; `details.url` names it. */
export class ServiceUnreachableError extends StewardError {
  constructor(message: string, options: StewardErrorOptions = {}) {
    super('INTERNAL_ERROR', message, { retryable: true, ...options });
    this.name = 'ServiceUnreachableError';
  }
}

/** True when the text is one of the documented codes. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value);
}

/** The HTTP status that stands for a code. */
export function httpStatusOf(code: ErrorCode): number {
  return errorCodes[code].httpStatus;
}

/** The JSON-RPC error number that stands for a code. */
export function rpcCodeOf(code: ErrorCode): number {
  return errorCodes[code].rpcCode;
}

/** The sentence and the remedy that a person reads for a code. */
export function sentenceFor(code: ErrorCode): { sentence: string; remedy: string } {
  const { sentence, remedy } = errorCodes[code];
  return { sentence, remedy };
}

/**
 * The wire shape of any thrown value. What is no StewardError becomes INTERNAL_ERROR without its own message,
 * which may hold paths or secrets and belongs into the log.
 */
export function toErrorBody(error: unknown): ErrorBody {
  if (error instanceof StewardError) {
    return {
      code: error.code,
      message: error.message.slice(0, 4000),
      retryable: error.retryable,
      details: error.details,
    };
  }
  return {
    code: 'INTERNAL_ERROR',
    message: 'Something failed on this side; the log of this component names the cause under the same trace id.',
    retryable: errorCodes.INTERNAL_ERROR.retryable,
    details: {},
  };
}

/** True when the value has the shape of an error body, whatever its code. */
export function isErrorBody(value: unknown): value is ErrorBody {
  if (typeof value !== 'object' || value === null) return false;
  const body = value as Partial<Record<keyof ErrorBody, unknown>>;
  return typeof body.code === 'string' && typeof body.message === 'string';
}

/**
 * The error that a wire shape stands for. Total: an unknown code is read as INTERNAL_ERROR with `details.unknownCode`,
 * a body of another shape as INTERNAL_ERROR with the given fallback message.
 */
export function fromErrorBody(
  body: unknown,
  fallbackMessage = 'The answer was an error without an explanation.',
): StewardError {
  if (!isErrorBody(body)) return new StewardError('INTERNAL_ERROR', fallbackMessage);
  const details = typeof body.details === 'object' && body.details !== null ? body.details : {};
  const retryable = typeof body.retryable === 'boolean' ? { retryable: body.retryable } : {};
  if (isErrorCode(body.code)) return new StewardError(body.code, body.message, { details, ...retryable });
  return new StewardError('INTERNAL_ERROR', body.message, {
    details: { ...details, unknownCode: body.code },
    ...retryable,
  });
}
