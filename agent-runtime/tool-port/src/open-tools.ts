import type { ArtifactType, NamedSecret } from '@steward/contracts';
import type { BackendTools } from './backend-tools.ts';
import type { ToolRouter } from './tool-router.ts';

/** Content that a tool keeps for the conversation. The uploader copies it; files stay the tool runtime's. */
export interface ArtifactInput {
  readonly artifactType: ArtifactType;
  readonly name: string;
  readonly contentType: string;
  readonly source:
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
    | { readonly kind: 'file'; readonly path: string; readonly sizeBytes: number };
  readonly sessionId: string;
  readonly taskId: string;
  readonly stepId: string;
  readonly toolCallId: string;
}

/** Where an artifact went. */
export interface ArtifactRef {
  readonly artifactId: string;
  readonly uri: string;
}

/** What the host tells to get the tools of one session. */
export interface OpenToolsOptions {
  /** The project folder; without it relative paths are refused. */
  readonly projectDir?: string;
  /** Private to the session: pre-images and outputs. The host removes it when the session ends. */
  readonly stateDir: string;
  /** The secrets that tools may use by name, as they are now. */
  namedSecrets(): readonly NamedSecret[];
  /** Absent: no backend tools are offered. */
  readonly backendTools?: BackendTools;
  uploadArtifact(input: ArtifactInput): Promise<ArtifactRef>;
}

/** Makes the tools of a session; called once the first tool or tool list is needed. */
export type OpenTools = (options: OpenToolsOptions) => Promise<ToolRouter>;
