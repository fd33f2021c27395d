import type { ServerResponse } from 'node:http';
import { StewardError } from '@steward/sdk';

/**
 * The result of the work, or SERVICE_UNAVAILABLE when nothing was answered after `ms`; `onLate` then tells the work to
 * stop. Work that has begun to answer by itself is waited for.
 */
export function answerInTime<T>(
  work: Promise<T>,
  deadline: { readonly ms: number; readonly response: ServerResponse; readonly onLate: () => void },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      if (deadline.response.headersSent) return;
      deadline.onLate();
      reject(tooLate(deadline.ms));
    }, deadline.ms);
    const stop = (): void => clearTimeout(timer);
    work.then(
      (result) => {
        stop();
        resolve(result);
      },
      (error: unknown) => {
        stop();
        reject(error);
      },
    );
  });
}

function tooLate(ms: number): StewardError {
  return new StewardError(
    'SERVICE_UNAVAILABLE',
    `There was no answer within ${ms} ms; whether it took effect is unknown. Repeat it with the same Idempotency-Key.`,
    { details: { retryAfterSeconds: 1, reasonCodes: ['answer_timeout'] } },
  );
}
