import type { ToolDescriptor } from '@steward/contracts';
import type { Clock, NewId } from '@steward/sdk';
import type { OpenTools } from '@steward/tool-port';
import type { JournalFiles } from '../journal/journal-files.ts';
import type { Backend, Log, Model, Scheduler } from '../ports.ts';
import type { NamedSecrets } from '../secrets/named-secrets.ts';
import type { BundleVerifier } from './bundle-verifier.ts';

/** What this runtime was configured with. */
export interface RuntimeSettings {
  /** Folder of this runtime's own files; private to the person. */
  readonly home: string;
  readonly platform: string;
  /** The model that is preferred where the policy allows any. */
  readonly preferredModel?: string;
  /** The gateway is the demo model. */
  readonly demoModel: boolean;
  /** Texts that must never leave this process, such as the gateway's token. */
  readonly secrets: readonly string[];
  readonly runtimeVersion: string;
}

/** Everything that the agent host is wired with. */
export interface HostDeps {
  readonly settings: RuntimeSettings;
  readonly files: JournalFiles;
  /** Length in bytes from which a journal is compacted; the store's own bound unless given. */
  readonly compactAtBytes?: number;
  readonly backend: Backend;
  readonly model: Model;
  readonly verifier: BundleVerifier;
  readonly openTools: OpenTools;
  /** Secrets that tools use by name; filled by the client, kept in memory only. */
  readonly namedSecrets: NamedSecrets;
  readonly builtInTools: readonly ToolDescriptor[];
  readonly clock: Clock;
  readonly newId: NewId;
  readonly scheduler: Scheduler;
  readonly log: Log;
  /** From 0 up to 1. */
  random(): number;
}
