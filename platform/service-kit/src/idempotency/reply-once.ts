import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { StewardError, digestOf, httpStatusOf } from '@steward/sdk';
import type { NewId } from '@steward/sdk';
import type { Operation } from '../openapi/document.ts';
import { answered } from '../openapi/handlers.ts';
import type { ValidRequest } from '../openapi/request-validator.ts';
import type { RequestContext } from '../request-context.ts';
import { alreadyDone, derivedIds, unkeyedAttempt } from './attempt.ts';
import type { Attempt, RequestIdentity } from './attempt.ts';
import type { IdempotencyStore } from './idempotency-store.ts';

/** What a handler answers. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request as idempotency sees it. */
export interface ReplyOnceInput {
  readonly operation: Operation;
  readonly request: Request;
  readonly context: Pick<RequestContext, 'caller' | 'now' | 'logger'>;
  readonly input: ValidRequest;
  readonly store: IdempotencyStore;
  /** Makes ids of requests without a key. */
  readonly newId: NewId;
}

type Handler = (attempt: Attempt) => Promise<Reply | typeof answered> | Reply | typeof answered;

/**
 * Runs the handler at most once per caller, operation and `Idempotency-Key`, and answers repetitions with the first
 * success. The key with another body is CONFLICT; while the first request still runs, a repetition is a retryable
 * CONFLICT. A refusal of the first try is not kept, since nothing took effect. After any other failure, and after a
 * process that died, the next try is a redo: it runs the handler again with the ids of the first. Without the header,
 * and for reads, it just runs.
 */
export async function replyOnce(once: ReplyOnceInput, handler: Handler): Promise<Reply | typeof answered> {
  const header = once.request.headers['idempotency-key'];
  if (header === undefined || once.operation.method === 'get' || once.operation.streamsBody)
    return handler(unkeyedAttempt(once.newId));
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(header)) {
    throw new StewardError('INVALID_REQUEST', 'The header Idempotency-Key must be 1 to 200 visible ASCII characters.', {
      details: { field: 'Idempotency-Key' },
    });
  }
  const { store } = once;
  const { caller, now, logger } = once.context;
  const { scope } = caller;
  const identity = { ...caller, operationId: once.operation.operationId, key: header };
  const key = keyOf(identity);
  const requestDigest = digestOf(once.input);
  const claim = await store.claim(scope, key, requestDigest, now);
  if (claim.state !== 'claimed') return repeat(claim, requestDigest);
  const { claimId, seed, isRedo } = claim;
  const letGo = async (isSettled: boolean): Promise<void> => {
    const letting = isSettled ? store.abandon(scope, key, claimId) : store.release(scope, key, claimId, now);
    // The claim then holds for its minute; what failed before is what is reported.
    await letting.catch((error: unknown) => logger.warn({ err: error }, 'an Idempotency-Key could not be let go'));
  };
  const attempt: Attempt = {
    newId: derivedIds(seed, identity),
    isKeyed: true,
    isRedo,
    startOver: () => store.abandon(scope, key, claimId),
  };
  let reply: Reply | typeof answered;
  try {
    reply = await handler(attempt);
    if (reply === answered || reply.status >= 300) {
      await letGo(!isRedo);
      return reply;
    }
  } catch (error) {
    // What an earlier try may have done keeps its key, whatever this one was refused for.
    await letGo(!isRedo && isRefusal(error));
    throw error;
  }
  // It took effect: a failure now must not invite a repetition that does it again.
  await store.finish(scope, key, claimId, toStored(reply), now).catch((error: unknown) => {
    logger.warn({ err: error }, 'the answer to an Idempotency-Key could not be kept');
  });
  return reply;
}

/** True for errors that say that nothing was done. */
function isRefusal(error: unknown): boolean {
  return error instanceof StewardError && !error.retryable && httpStatusOf(error.code) < 500;
}

function repeat(
  claim: Exclude<Awaited<ReturnType<IdempotencyStore['claim']>>, { state: 'claimed' }>,
  requestDigest: string,
): Reply {
  if (claim.requestDigest !== requestDigest) {
    throw new StewardError('CONFLICT', 'This Idempotency-Key was used with another request; use a new key.', {
      details: { reasonCodes: ['idempotency_key_reused'] },
    });
  }
  if (claim.state === 'running') {
    throw new StewardError(
      'CONFLICT',
      'The first request with this Idempotency-Key is still running; try again in a moment.',
      {
        retryable: true,
        details: { reasonCodes: ['request_running'], retryAfterSeconds: 1 },
      },
    );
  }
  if (claim.reply === undefined) throw alreadyDone('Its answer was too large to keep; load the current state.');
  const { status, headers, body } = claim.reply;
  return {
    status,
    headers: { ...headers, 'Idempotency-Replayed': 'true' },
    ...(body === undefined ? {} : { body: JSON.parse(body) as unknown }),
  };
}

function toStored(reply: Reply) {
  return {
    status: reply.status,
    headers: reply.headers ?? {},
    ...(reply.body === undefined ? {} : { body: JSON.stringify(reply.body) }),
  };
}

function keyOf({ tenantId, principal, userId, operationId, key }: RequestIdentity): string {
  const parts = [tenantId, principal.type, principal.id, userId, operationId, key];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
