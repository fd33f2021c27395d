import type { ErrorCode, PauseInfo } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import { JournalUnavailableError } from '../journal/journal-error.ts';
import { ModelError } from '../model/model-error.ts';

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

/** The pause that an infrastructure failure calls for; undefined when the error is none. */
export function pauseFor(error: unknown): PauseSignal | undefined {
  if (error instanceof PauseSignal) return error;
  if (error instanceof JournalUnavailableError) return new PauseSignal(error.code, error.message, 'disk', error);
  if (error instanceof ModelError && error.failure !== 'blocked')
    return new PauseSignal(error.code, error.message, 'gateway', error);
  return undefined;
}
