import { StewardError } from '@steward/sdk';
import { cancelReasonsOf, isContention } from '@steward/service-kit';

const attempts = 12;

/**
 * Runs a write again while DynamoDB says that another write touched the same items at that moment, with a growing,
 * scattered pause of at most half a second. Longer than the usual patience: many uploads share one workspace item.
 */
export async function retryOnConflict<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (attempt >= attempts || !isContention(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(500, 10 * 2 ** attempt)));
    }
  }
}

/** True when a transaction was cancelled because the condition of its n-th item did not hold. */
export function isCancelledBy(error: unknown, index: number): boolean {
  return cancelReasonsOf(error)?.[index] === 'ConditionalCheckFailed';
}

/** For a query that starts at a client's cursor: a start key that the store can't use is the cursor's fault. */
export function refuseForeignCursor(startKey: object | undefined): (error: unknown) => never {
  return (cause) => {
    if (startKey === undefined || (cause as { name?: unknown }).name !== 'ValidationException') throw cause;
    throw new StewardError(
      'INVALID_REQUEST',
      'cursor: it was not given out by this list. Start again without a cursor.',
      {
        cause,
        details: { field: 'cursor' },
      },
    );
  };
}
