import type { Clock } from '@steward/sdk';
import { StewardError, timestampOf } from '@steward/sdk';
import type { Diagnostics } from '../contract/bridge.ts';

type RecentError = Diagnostics['recentErrors'][number];

const maxErrors = 50;

/** The last errors of the host for the Diagnostics view, newest first. Keeps sentences only: no stack, no cause. */
export class ErrorRing {
  readonly #clock: Clock;
  #errors: RecentError[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(source: string, error: unknown): void {
    const message = error instanceof StewardError ? error.message : `Unexpected failure (${nameOf(error)}).`;
    this.#errors = [{ at: timestampOf(this.#clock), source, message: message.slice(0, 500) }, ...this.#errors].slice(
      0,
      maxErrors,
    );
  }

  get items(): readonly RecentError[] {
    return this.#errors;
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : error.name;
}
