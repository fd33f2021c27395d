import { StewardError } from '@steward/sdk';
import type { VerifiedToken } from './verified-token.ts';

/**
 * Refuses a token that was taken back before its end (UNAUTHORIZED), and every token while nobody can tell
 * (SERVICE_UNAVAILABLE). Called for every request, so it answers from memory almost always.
 */
export type RevocationCheck = (token: Readonly<VerifiedToken>, text: string) => Promise<void> | void;

/** How old an answer about revocation may be while the provider does not answer; older ones refuse everything. */
export const maxAnswerAgeMs = 60_000;

/** The refusal of a token that was taken back. */
export function revoked(): StewardError {
  return new StewardError('UNAUTHORIZED', 'The access was ended by an administrator or a sign-out; sign in again.', {
    details: { reasonCodes: ['token_revoked'] },
  });
}

/** The refusal while the identity provider does not answer; the caller may try again. */
export function identityUnavailable(sentence: string, cause: unknown): StewardError {
  return new StewardError('SERVICE_UNAVAILABLE', `${sentence}; try again in a moment.`, {
    cause,
    details: { retryAfterSeconds: 2 },
  });
}
