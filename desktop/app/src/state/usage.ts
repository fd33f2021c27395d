import type { TokenUsage } from '@steward/contracts';

/** Tokens used by the conversation so far, from whichever source knows more. */
export function latestUsage(thread: TokenUsage | null, snapshot: TokenUsage | null): TokenUsage | null {
  if (!thread || !snapshot) return thread ?? snapshot;
  return thread.sessionTokensUsed >= snapshot.sessionTokensUsed ? thread : snapshot;
}
