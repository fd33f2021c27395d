import { StewardError } from '@steward/sdk';

/** What can be done about a failed model request. */
export type ModelFailure =
  /** Another try may succeed: overload, a server error, a broken, stalled or unreadable stream. */
  | 'try_again'
  /** The gateway refused the content; the same request would be refused again. */
  | 'blocked'
  /** The gateway refused this client: wrong token, unknown model. */
  | 'refused';

/** A failed request to the model gateway. */
export class ModelError extends StewardError {
  readonly failure: ModelFailure;
  readonly retryAfterMs: number | undefined;

  constructor(
    failure: ModelFailure,
    message: string,
    options: { status?: number; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    const code =
      failure === 'blocked'
        ? 'LLM_GUARDRAIL_BLOCKED'
        : options.status === 429
          ? 'RATE_LIMITED'
          : failure === 'refused'
            ? 'UNAUTHORIZED'
            : 'INTERNAL_ERROR';
    super(code, message, {
      retryable: failure === 'try_again',
      details:
        options.status === undefined
          ? { component: 'LLMGateway' }
          : { component: 'LLMGateway', status: options.status },
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
    this.name = 'ModelError';
    this.failure = failure;
    this.retryAfterMs = options.retryAfterMs;
  }
}
