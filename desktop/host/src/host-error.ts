import type { ErrorBody } from '@steward/contracts';
import { StewardError, sentenceFor, toErrorBody } from '@steward/sdk';

/**
 * The only shape in which a failure reaches the renderer. Unknown failures become the mapped sentence of
 * INTERNAL_ERROR; their own text, which may hold paths or secrets, stays here.
 */
export function toHostError(error: unknown): ErrorBody {
  if (error instanceof StewardError) return toErrorBody(error);
  const { sentence, remedy } = sentenceFor('INTERNAL_ERROR');
  return { code: 'INTERNAL_ERROR', message: `${sentence} ${remedy}`, retryable: true, details: {} };
}
