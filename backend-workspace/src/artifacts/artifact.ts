/** An artifact as the store keeps it. */
export interface ArtifactRecord {
  readonly tenantId: string;
  readonly artifactId: string;
  readonly workspaceId: string;
  readonly sessionId: string;
  readonly taskId?: string;
  readonly stepId?: string;
  readonly artifactType: 'session_history' | 'tool_output' | 'file_diff' | 'image' | 'file';
  readonly name: string;
  readonly title?: string;
  readonly contentType: string;
  /** Bytes: announced while pending (0 when nothing was announced), true once stored. */
  readonly sizeBytes: number;
  /** Hex digest of the content: announced while pending, true once stored. */
  readonly sha256?: string;
  /** `discarded`: replaced by a newer history, or given up; its content is about to go. Never shown. */
  readonly status: 'pending' | 'stored' | 'discarded';
  /** True when the size was announced, so that content of another size is refused. */
  readonly sizeAnnounced: boolean;
  readonly snapshotAfterTaskId?: string;
  /** Digest of the creating request: the same id with another request is a conflict. */
  readonly requestDigest: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** When a pending or discarded artifact may be swept away with its content; absent once stored. */
  readonly cleanupAt?: string;
}

/** What clients see of an artifact. */
export interface ArtifactView extends Omit<
  ArtifactRecord,
  'tenantId' | 'status' | 'sizeAnnounced' | 'requestDigest' | 'cleanupAt'
> {
  readonly status: 'pending' | 'stored';
  readonly uploadUrl?: string;
}

/** One session's saved history, kept up to date in the same move as the artifact that holds it. */
export interface SessionEntry {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly workspaceId: string;
  readonly artifactId: string;
  readonly title?: string;
  readonly snapshotAfterTaskId: string;
  readonly sizeBytes: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** The latest histories that this one took the place of, so that a late repetition does not bring one back. */
  readonly replacedArtifactIds: readonly string[];
}

/** The entry after `artifact` became the session's history. */
export function nextSessionEntry(
  previous: SessionEntry | undefined,
  artifact: ArtifactRecord & { readonly snapshotAfterTaskId: string },
  at: string,
): SessionEntry {
  const replaced = previous === undefined ? [] : [previous.artifactId, ...previous.replacedArtifactIds].slice(0, 20);
  const title = artifact.title ?? previous?.title;
  return {
    tenantId: artifact.tenantId,
    sessionId: artifact.sessionId,
    workspaceId: artifact.workspaceId,
    artifactId: artifact.artifactId,
    ...(title === undefined ? {} : { title }),
    snapshotAfterTaskId: artifact.snapshotAfterTaskId,
    sizeBytes: artifact.sizeBytes,
    createdAt: previous?.createdAt ?? at,
    updatedAt: at,
    replacedArtifactIds: replaced,
  };
}

/** Where pending content of this artifact is sent, relative to the service's base path. */
export function contentPath(workspaceId: string, artifactId: string): string {
  return `/workspaces/${workspaceId}/artifacts/${artifactId}/content`;
}

/** Leaves out what only the store needs; pending artifacts say where their content goes. */
export function viewArtifact(record: ArtifactRecord): ArtifactView {
  const {
    tenantId: _tenant,
    status,
    sizeAnnounced: _announced,
    requestDigest: _digest,
    cleanupAt: _cleanup,
    ...view
  } = record;
  if (status === 'stored') return { ...view, status };
  return { ...view, status: 'pending', uploadUrl: `/v1${contentPath(record.workspaceId, record.artifactId)}` };
}
