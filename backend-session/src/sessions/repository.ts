import type { Page, PageRequest, TenantScope } from '@steward/service-kit';
import type { StoredSession } from './session.ts';

/** Whose rows of the tenant a call may see. A service that acts for a whole tenant leaves `userId` out. */
export interface Whose {
  readonly userId?: string;
}

/**
 * Where sessions are kept. Every call is one tenant's: another tenant's session answers as if it did not exist, and so
 * does another person's; a session of another tenant is not written. Reads by id are consistent; lists may lag behind a
 * write by a moment.
 */
export interface SessionRepository {
  /** Stores a new session; CONFLICT when its id exists. */
  create(scope: TenantScope, session: StoredSession): Promise<void>;
  get(scope: TenantScope, whose: Whose, sessionId: string): Promise<StoredSession | undefined>;
  /** Newest first; only of the given workspace when one is named. */
  list(
    scope: TenantScope,
    whose: Required<Whose>,
    page: PageRequest,
    workspaceId?: string,
  ): Promise<Page<StoredSession>>;
  /** Replaces the session if its stored revision is still `session.revision - 1`; CONFLICT otherwise. */
  replace(scope: TenantScope, session: StoredSession): Promise<void>;
  /** Answers when the store can be reached; throws otherwise. */
  check(): Promise<void>;
}
