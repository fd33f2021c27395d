import type { Diagnostics, HostSnapshot } from './contract/bridge.ts';
import type { History } from './history/history.ts';
import type { Identity } from './identity/identity.ts';
import type { Conversations } from './sessions/conversations.ts';
import type { PolicyAdmin } from './policy/policy-admin.ts';
import type { SecretStore } from './private/secret-store.ts';
import type { TrustedFolders } from './private/trusted-folders.ts';
import type { SettingsStore } from './settings/settings-store.ts';

/** The parts that answer calls. */
export interface HostParts {
  readonly conversations: Conversations;
  readonly identity: Identity;
  readonly history: History;
  readonly settings: SettingsStore;
  readonly trustedFolders: TrustedFolders;
  readonly secrets: SecretStore;
  readonly policy: PolicyAdmin;
  readonly snapshot: () => HostSnapshot;
  readonly diagnostics: () => Promise<Diagnostics>;
  /** Something that the frame shows has changed. */
  readonly changed: () => void;
  /** True when the shell has opened the page itself, false when the renderer has to go there. */
  readonly showSignInPage: (page: URL) => Promise<boolean>;
  /** The system's folder dialog; absent where the shell has none. */
  readonly chooseFolder?: () => Promise<string | null>;
}
