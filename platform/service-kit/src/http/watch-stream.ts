import type { ServerResponse } from 'node:http';

/**
 * Ends a stream when its token is no longer good: asks again and again while the response is open, and aborts the
 * request when the answer is a refusal. A failure to find out is asked again the next time.
 */
export function watchStream(
  gone: Pick<AbortController, 'abort'>,
  response: ServerResponse,
  stillGood: () => Promise<unknown>,
  everyMs: number,
): void {
  const timer = setInterval(() => {
    stillGood().catch((error: unknown) => {
      if ((error as { code?: unknown }).code === 'UNAUTHORIZED') gone.abort(error);
    });
  }, everyMs);
  response.once('close', () => clearInterval(timer));
}
