import { createHmac } from 'node:crypto';
import { StewardError, idFrom } from '@steward/sdk';
import type { IdPrefix, NewId } from '@steward/sdk';
import type { ClaimSeed } from './idempotency-store.ts';

/** One try of a request, as its handler sees it. Whatever a handler creates gets its id here. */
export interface Attempt {
  /**
   * An id for something that this request creates. With an `Idempotency-Key` it follows from who asks, the operation,
   * the key and how many ids of this prefix were asked for before: every try of the request gets the same ones, and
   * nobody else can come to them. Without a key it is new. Ask in the same order in every try, and once per thing, not
   * once per turn of a loop.
   */
  readonly newId: NewId;
  /** True when the request carries an `Idempotency-Key`. */
  readonly isKeyed: boolean;
  /** True when an earlier try of this request may have taken effect without its answer having been kept. */
  readonly isRedo: boolean;
  /**
   * Before something that this request created is taken back: the next try gets other ids, so that nothing is built on
   * what is gone. When it throws, nothing may be taken back.
   */
  startOver(): Promise<void>;
}

/** The attempt of a request without a key. */
export function unkeyedAttempt(newId: NewId): Attempt {
  return { newId, isKeyed: false, isRedo: false, startOver: async () => undefined };
}

/**
 * The refusal of a redo whose effect is there but has moved on since, so that the first answer would not be true any
 * more: nothing is done again.
 * @param what what became of it and what to do, as a sentence or two
 */
export function alreadyDone(what: string, details: Readonly<Record<string, unknown>> = {}): StewardError {
  return new StewardError('CONFLICT', `The request with this Idempotency-Key took effect before. ${what}`, {
    details: { ...details, reasonCodes: ['already_done'] },
  });
}

/** What the ids of a keyed request follow from, beside the seed of its claim. */
export interface RequestIdentity {
  readonly tenantId: string;
  readonly principal: { readonly type: string; readonly id: string };
  readonly userId: string;
  readonly operationId: string;
  readonly key: string;
}

/**
 * Ids of a keyed request: the time is that of the first try, the rest an HMAC-SHA-256 under the claim's random secret
 * over who asks, the operation, the key, the prefix and a count per prefix.
 */
export function derivedIds(seed: ClaimSeed, request: RequestIdentity): NewId {
  const { tenantId, principal, userId, operationId, key } = request;
  const counts = new Map<IdPrefix, number>();
  return (prefix) => {
    const ordinal = counts.get(prefix) ?? 0;
    counts.set(prefix, ordinal + 1);
    const parts = [tenantId, principal.type, principal.id, userId, operationId, key, prefix, ordinal];
    const random = createHmac('sha256', Buffer.from(seed.secret, 'base64url')).update(JSON.stringify(parts)).digest();
    return idFrom(prefix, seed.firstAtMs, random);
  };
}
