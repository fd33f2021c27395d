import type { CapabilityName } from '@steward/contracts';
import type { SimpleCommand } from './commands/report.ts';
import type { Target } from './domains.ts';
import type { PathTarget } from './path-entries.ts';

/** One thing that an action does, in the form that rules compare. */
export interface Effect {
  readonly capability: CapabilityName;
  readonly target?: PathTarget;
  readonly commands?: readonly SimpleCommand[];
  /** The command text could not be taken apart for certain. */
  readonly uncertain?: boolean;
  readonly url?: Target;
  readonly toolName: string;
  /** It changes something beyond this machine. */
  readonly externalWrite?: boolean;
}
