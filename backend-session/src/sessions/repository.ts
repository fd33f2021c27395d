import type { StoredSession } from './session.ts';

/** Whose rows a call may see. A service that acts for a tenant leaves userId out. */
export interface Owner {
  readonly tenantId: string;
  readonly userId?: string;
}

/** One page, newest first. */
export interface SessionList {
  readonly items: readonly StoredSession[];
  readonly nextKey?: Record<string, unknown>;
}

/**
 * Where sessions are kept. Every read is scoped by its owner: another tenant's or person's session answers as if it
 * did not exist. Reads by id are consistent; lists may lag behind a write by a moment.
 */
export interface SessionRepository {
  /** Stores a new session; CONFLICT when its id exists. */
  create(session: StoredSession): Promise<void>;
  get(owner: Owner, sessionId: string): Promise<StoredSession | undefined>;
  list(owner: Required<Owner>, page: { limit: number; startKey?: Record<string, unknown> }): Promise<SessionList>;
  /** Replaces the session if its stored revision is still `session.revision - 1`; CONFLICT otherwise. */
  replace(session: StoredSession): Promise<void>;
  /** Answers when the store can be reached; throws otherwise. */
  check(): Promise<void>;
}
