import type { NamedSecret } from '@steward/contracts';
import type { Clock } from '@steward/sdk';
import type { OpenToolsOptions } from '@steward/tool-port';
import type { Limits } from './limits.ts';

/** Name resolution as a dependency of the egress module; every address of the host. */
export interface EgressDeps {
  resolve?(host: string): Promise<readonly { readonly address: string; readonly family: 4 | 6 }[]>;
  /** Extra certificate authorities in PEM, for servers of the organisation. */
  readonly ca?: string;
}

/** Everything the tool runtime needs from outside: what the host tells of a session, and what it is wired with. */
export interface ToolRuntimeDeps extends Omit<OpenToolsOptions, 'namedSecrets'> {
  readonly homeDir: string;
  readonly platform: NodeJS.Platform;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly limits?: Partial<Limits>;
  readonly sandbox?: 'auto' | 'off';
  /** A person said that programs may obey what the repository configures; absent is no. `trustFolder` changes it. */
  readonly folderTrusted?: boolean;
  /** The secrets that tools may use by name, as they are now; absent: there are none. */
  namedSecrets?(): readonly NamedSecret[];
  /** Folders that commands never see, such as the home of Steward itself. */
  readonly hiddenPaths?: readonly string[];
  readonly egress?: EgressDeps;
}
