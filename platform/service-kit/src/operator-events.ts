import type { Logger } from 'pino';

/**
 * Names of the log lines that alarms and dashboards read: the value of a line's `event` and of the field that holds a
 * number. The services write them through the functions below; the metric filters are made from them.
 */
export const operatorEvents = {
  chainVerified: 'chain_verified',
  chainBroken: 'chain_verification_failed',
  queueAge: 'queue_age',
  /** Field of `queue_age`: seconds that the oldest entry has waited; 0 when nothing waits. */
  oldestQueuedSeconds: 'oldestQueuedSeconds',
} as const;

/** What one pass over chained streams looked at. */
export interface ChainPass {
  readonly events: number;
  readonly streams: number;
  /** Whether the pass reached the end of everything; the next one begins anew. */
  readonly isLast: boolean;
  /** Where a chain does not hold. */
  readonly broken?: { readonly tenantId: string; readonly stream: string; readonly streamSeq: number };
}

/** Writes the one line of a pass: `chain_verified`, or `chain_verification_failed` with the place. Never any content. */
export function logChainPass(logger: Pick<Logger, 'info' | 'error'>, { broken, ...counts }: ChainPass): void {
  if (broken === undefined) logger.info({ event: operatorEvents.chainVerified, ...counts }, 'audit chains hold');
  else logger.error({ event: operatorEvents.chainBroken, ...broken, ...counts }, 'an audit chain does not hold');
}

/** Writes how long the oldest entry of a queue has waited. */
export function logQueueAge(logger: Pick<Logger, 'info'>, queue: string, seconds: number): void {
  logger.info({ event: operatorEvents.queueAge, queue, [operatorEvents.oldestQueuedSeconds]: seconds }, 'queue age');
}
