import type { Page, PageRequest, SystemScope, TenantScope } from '@steward/service-kit';
import type { ArtifactRecord, SessionEntry } from './artifact.ts';

/** Narrows a list; both given makes it an index read that may lag a moment behind in the cloud. */
export interface ArtifactFilter {
  readonly sessionId?: string;
  readonly artifactType?: ArtifactRecord['artifactType'];
}

/** What is true of content once all of it has been stored. */
export interface StoredContent {
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** How `reserve` ended: `gone` means that the workspace does not exist or is being deleted. */
export type Reservation =
  | { readonly outcome: 'reserved' }
  | { readonly outcome: 'exists'; readonly artifact: ArtifactRecord }
  | { readonly outcome: 'gone' };

/** How `commit` ended; `replaced` is the history whose content now has no use. */
export type Commitment =
  | { readonly outcome: 'committed'; readonly artifact: ArtifactRecord; readonly replaced?: ArtifactRecord }
  | { readonly outcome: 'gone' };

/**
 * Where artifacts' facts are kept. Order of every upload: `reserve` (a pending record that names its clean-up time),
 * then the content, then `commit`. So there is never content that no record knows about, and no stored record
 * without content. Every call is one tenant's: another's workspaces and records do not exist in it. All reads by id and by workspace see every acknowledged write.
 */
export interface ArtifactRepository {
  /** Stores a pending record; in the same move checks that the workspace takes data. */
  reserve(scope: TenantScope, record: ArtifactRecord): Promise<Reservation>;
  /**
   * Turns a pending record into a stored one; in the same move checks that the workspace takes data, marks it active,
   * and for a `session_history` makes it the session's history and the one before it `discarded`.
   * An already stored record is answered unchanged.
   */
  commit(
    scope: TenantScope,
    workspaceId: string,
    artifactId: string,
    content: StoredContent,
    at: string,
  ): Promise<Commitment>;
  /** The record, whatever its status. */
  find(scope: TenantScope, workspaceId: string, artifactId: string): Promise<ArtifactRecord | undefined>;
  /** The saved history of one session. */
  findSession(scope: TenantScope, workspaceId: string, sessionId: string): Promise<SessionEntry | undefined>;
  /** Pending and stored artifacts, greatest id (newest) first; with `sessionId`, by type and then newest first. */
  list(
    scope: TenantScope,
    workspaceId: string,
    filter: ArtifactFilter,
    page: PageRequest,
  ): Promise<Page<ArtifactRecord>>;
  /** Sessions with saved history, newest session first. */
  listSessions(scope: TenantScope, workspaceId: string, page: PageRequest): Promise<Page<SessionEntry>>;
  /** Turns a pending record into a discarded one, so that it can't be committed; false when it is stored or gone. */
  abandon(scope: TenantScope, workspaceId: string, artifactId: string, at: string): Promise<boolean>;
  /** Removes a discarded record, after its content; repeating it changes nothing. */
  discard(scope: TenantScope, workspaceId: string, artifactId: string): Promise<void>;
  /** Pending and discarded records of every tenant whose clean-up time has come. */
  listDue(jobs: SystemScope, now: string): AsyncIterable<ArtifactRecord>;
  /** Every record of the workspace, whatever its status. */
  listAll(scope: TenantScope, workspaceId: string): AsyncIterable<ArtifactRecord>;
  /** Removes every record and session entry of the workspace. */
  removeAll(scope: TenantScope, workspaceId: string): Promise<void>;
  /** How many records and session entries of the workspace are left. */
  count(scope: TenantScope, workspaceId: string): Promise<number>;
}
