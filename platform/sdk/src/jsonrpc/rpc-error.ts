import type { ErrorBody } from '@steward/contracts';
import { StewardError, fromErrorBody, isErrorBody, rpcCodeOf, toErrorBody } from '../errors.ts';

/** Numbers of the JSON-RPC specification, and the one for a cancelled request. */
export const rpcCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  requestCancelled: -32800,
} as const;

/** The `error` member of a response. */
export interface RpcErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** An error that has a number of its own in the protocol instead of one derived from `code`. */
export class JsonRpcError extends StewardError {
  readonly rpcCode: number;

  constructor(rpcCode: number, message: string, body: Partial<ErrorBody> = {}) {
    super(body.code ?? codeFor(rpcCode), message, {
      details: body.details ?? {},
      ...(body.retryable === undefined ? {} : { retryable: body.retryable }),
    });
    this.name = 'JsonRpcError';
    this.rpcCode = rpcCode;
  }
}

/** What goes on the wire for a thrown value; unknown errors lose their message (see `toErrorBody`). */
export function toRpcError(error: unknown): RpcErrorObject {
  const data = toErrorBody(error);
  const code =
    error instanceof JsonRpcError
      ? error.rpcCode
      : error instanceof StewardError
        ? rpcCodeOf(data.code)
        : rpcCodes.internalError;
  return { code, message: data.message, data };
}

/** The error that a response stands for. Total, as the other side may be hostile. */
export function fromRpcError(value: unknown): StewardError {
  const error = (typeof value === 'object' && value !== null ? value : {}) as Partial<RpcErrorObject>;
  const message = typeof error.message === 'string' ? error.message : 'The answer was an error without an explanation.';
  const code = typeof error.code === 'number' ? error.code : rpcCodes.internalError;
  const isStandard = Object.values(rpcCodes).some((known) => known === code);
  if (isErrorBody(error.data) && !isStandard) return fromErrorBody(error.data);
  return new JsonRpcError(code, message, isErrorBody(error.data) ? pick(fromErrorBody(error.data)) : {});
}

function pick(error: StewardError): Partial<ErrorBody> {
  return { code: error.code, retryable: error.retryable, details: error.details };
}

function codeFor(rpcCode: number): ErrorBody['code'] {
  if (rpcCode === rpcCodes.internalError) return 'INTERNAL_ERROR';
  return rpcCode === rpcCodes.requestCancelled ? 'CONFLICT' : 'INVALID_REQUEST';
}
