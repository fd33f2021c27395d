import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { StewardError, digestOf } from '@steward/sdk';
import type { Operation } from '../openapi/document.ts';
import { answered } from '../openapi/handlers.ts';
import type { ValidRequest } from '../openapi/request-validator.ts';
import type { Caller, RequestContext } from '../request-context.ts';
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
}

/**
 * Runs the handler at most once per caller, operation and `Idempotency-Key`, and answers repetitions with the first
 * success. The key with another body is CONFLICT; while the first request still runs, a repetition is a retryable
 * CONFLICT. Failures are not kept, since nothing took effect. Without the header, and for reads, it just runs.
 */
export async function replyOnce(
  once: ReplyOnceInput,
  handler: () => Promise<Reply | typeof answered> | Reply | typeof answered,
): Promise<Reply | typeof answered> {
  const header = once.request.headers['idempotency-key'];
  if (header === undefined || once.operation.method === 'get' || once.operation.streamsBody) return handler();
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(header)) {
    throw new StewardError('INVALID_REQUEST', 'The header Idempotency-Key must be 1 to 200 visible ASCII characters.', {
      details: { field: 'Idempotency-Key' },
    });
  }
  const { store } = once;
  const { caller, now } = once.context;
  const { scope } = caller;
  const key = keyOf(caller, once.operation, header);
  const requestDigest = digestOf(once.input);
  const claim = await store.claim(scope, key, requestDigest, now);
  if (claim.state !== 'claimed') return repeat(claim, requestDigest);
  let reply: Reply | typeof answered;
  try {
    reply = await handler();
    if (reply === answered || reply.status >= 300) {
      await store.abandon(scope, key, claim.claimId);
      return reply;
    }
  } catch (error) {
    await store.abandon(scope, key, claim.claimId);
    throw error;
  }
  // It took effect: a failure now must not invite a repetition that does it again.
  await store.finish(scope, key, claim.claimId, toStored(reply), now).catch((error: unknown) => {
    once.context.logger.warn({ err: error }, 'the answer to an Idempotency-Key could not be kept');
  });
  return reply;
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
  if (claim.reply === undefined) {
    throw new StewardError(
      'CONFLICT',
      'The request with this Idempotency-Key took effect before; load the current state.',
      {
        details: { reasonCodes: ['already_done'] },
      },
    );
  }
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

function keyOf(caller: Caller, operation: Operation, header: string): string {
  const parts = [
    caller.tenantId,
    caller.principal.type,
    caller.principal.id,
    caller.userId,
    operation.operationId,
    header,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
