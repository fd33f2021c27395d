import type { Page, PageRequest } from '@steward/service-kit';
import type { StoredSession } from './session.ts';

/** Whose rows a call may see. A service that acts for a tenant leaves userId out. */
export interface Owner {
  readonly tenantId: string;
  readonly userId?: string;
}

/**
 * Where sessions are kept. Every read is scoped by its owner: another tenant's or person's session answers as if it
 * did not exist. Reads by id are consistent; lists may lag behind a write by a moment.
 */
export interface SessionRepository {
  /** Stores a new session; CONFLICT when its id exists. */
  create(session: StoredSession): Promise<void>;
  get(owner: Owner, sessionId: string): Promise<StoredSession | undefined>;
  /** Newest first; only of the given workspace when one is named. */
  list(owner: Required<Owner>, page: PageRequest, workspaceId?: string): Promise<Page<StoredSession>>;
  /** Replaces the session if its stored revision is still `session.revision - 1`; CONFLICT otherwise. */
  replace(session: StoredSession): Promise<void>;
  /** Answers when the store can be reached; throws otherwise. */
  check(): Promise<void>;
}
