import type { ToolRouter } from '@steward/tool-port';
import type { ApprovalDesk } from '../approval/approval-desk.ts';
import type { AgentLoop } from '../loop/agent-loop.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Telemetry } from '../outbox/telemetry.ts';
import type { Thread } from '../thread/thread.ts';
import type { PolicyHolder } from './policy-holder.ts';
import type { PolicyWatcher } from './policy-watcher.ts';
import type { RemoteToolset } from './remote-toolset.ts';
import type { SelfResume } from './self-resume.ts';
import type { HostDeps } from './session-deps.ts';
import type { SessionLease } from './session-lease.ts';
import type { SessionStore } from './session-store.ts';
import type { WakeWatch } from './wake-watch.ts';

/** What becomes of a session's files when its process lets go of it. */
export type Release = 'keep' | 'ended' | 'remove';

/** The parts of a session, made by `assemble-session.ts`. */
export interface LiveSessionParts {
  readonly host: HostDeps;
  readonly store: SessionStore;
  readonly thread: Thread;
  readonly policy: PolicyHolder;
  readonly desk: ApprovalDesk;
  readonly outbox: Outbox;
  readonly loop: AgentLoop;
  readonly tools: ToolRouter;
  readonly remoteTools: RemoteToolset;
  readonly telemetry: Telemetry;
  readonly watcher: PolicyWatcher;
  readonly selfResume: SelfResume;
  readonly wakeWatch: WakeWatch;
  readonly lease: SessionLease;
  /** Fetches a fresh policy; never rejects. */
  refreshPolicy(): Promise<void>;
  /** Makes what the first model request needs. Throws JournalUnavailableError. */
  prepare(): void;
  /** Marks the session's files as ones that only wait to be sent. Throws JournalUnavailableError. */
  announceEnd(): void;
  /** Gives up the session's files: kept to be resumed, kept to be sent later, or removed. */
  release(how: Release): void;
}
