import type { FoundSecret } from '@steward/secrets';
import type { PolicyBundle } from '@steward/contracts';
import type { BundleState } from '@steward/policy-engine';
import type { Clock, NewId } from '@steward/sdk';
import type { ToolRouter } from '@steward/tool-port';
import type { ApprovalDesk } from '../approval/approval-desk.ts';
import type { ChunkBuffer } from '../events/chunk-buffer.ts';
import type { Log } from '../ports.ts';
import type { PolicyBlock } from '../session/policy-holder.ts';
import type { SessionStore } from '../session/session-store.ts';
import type { TaskState } from '../session/session-state.ts';

/** Stages of a step that clients see. */
export type GateStage = 'CHECKING_POLICY' | 'WAITING_FOR_APPROVAL' | 'EXECUTING_TOOLS';

/** Where an event or a call belongs. */
export interface GatePlace {
  readonly taskId: string;
  readonly stepId: string;
}

/** What the gate needs. */
export interface ToolGateDeps {
  readonly store: SessionStore;
  readonly tools: ToolRouter;
  readonly desk: ApprovalDesk;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  /** Takes secrets out of what tools return. */
  redact(text: string): string;
  /** The same as ranges, for tools that show text in pieces. */
  findSecrets(text: string): FoundSecret[];
  /** The verified bundle and how far it can be relied on now. */
  policy(): { readonly bundle: PolicyBundle; readonly state: BundleState; readonly block?: PolicyBlock };
  /** Resolves at once unless a fresh policy is being fetched because of a revocation. */
  policySettled?(): Promise<void>;
  /** A buffer that turns the output of one call into events. */
  outputChunks(toolCallId: string, place: GatePlace): ChunkBuffer;
  onStage(stage: GateStage): void;
}

/** The step that the calls belong to. */
export interface GateContext extends GatePlace {
  readonly task: TaskState;
  /** Aborted when the task is cancelled. */
  readonly signal: AbortSignal;
  /** Aborted on a forced cancel. */
  readonly force: AbortSignal;
}
