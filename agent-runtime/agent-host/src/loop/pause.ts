import type { ErrorCode, PauseInfo } from '@steward/contracts';
import type { BundleState } from '@steward/policy-engine';
import { StewardError } from '@steward/sdk';
import { JournalUnavailableError } from '../journal/journal-error.ts';
import { ModelError } from '../model/model-error.ts';
import type { PolicyBlock } from '../session/policy-holder.ts';

/** What a paused session waits for. */
export type WaitsFor = NonNullable<PauseInfo['waitsFor']>;

/** Work can't go on now but nothing is lost: the loop pauses the session and tries again when it is resumed. */
export class PauseSignal extends StewardError {
  readonly waitsFor: WaitsFor;

  constructor(code: ErrorCode, message: string, waitsFor: WaitsFor, cause?: unknown) {
    super(code, message, { retryable: true, details: { waitsFor }, ...(cause === undefined ? {} : { cause }) });
    this.name = 'PauseSignal';
    this.waitsFor = waitsFor;
  }
}

/**
 * Throws the pause that a policy calls for which permits nothing: it has expired, or an admin ended the session.
 * @param at before a step, or before a call within one
 */
export function pauseUnlessUsable(
  { state, block }: { state: BundleState; block?: PolicyBlock },
  at: 'step' | 'call',
): void {
  if (block !== undefined && (at === 'step' || block.fromNextStep !== true))
    throw new PauseSignal(block.code, block.message, 'policy');
  if (state !== 'expired') return;
  throw new PauseSignal(
    'POLICY_EXPIRED',
    'The policy for this conversation has expired. Resume to fetch a fresh one.',
    'policy',
  );
}

/** The pause that an infrastructure failure calls for; undefined when the error is none. */
export function pauseFor(error: unknown): PauseSignal | undefined {
  if (error instanceof PauseSignal) return error;
  if (error instanceof JournalUnavailableError) return new PauseSignal(error.code, error.message, 'disk', error);
  if (error instanceof ModelError && error.failure !== 'blocked')
    return new PauseSignal(error.code, error.message, 'gateway', error);
  return undefined;
}
