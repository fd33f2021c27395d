import { StewardError } from '@steward/sdk';
import { ScopedMap, pageDescending } from '@steward/service-kit';
import type { Page, PageRequest, TenantScope } from '@steward/service-kit';
import type { SessionRepository, Whose } from './repository.ts';
import type { StoredSession } from './session.ts';

/** Sessions in this process; nothing survives it. */
export class MemorySessionRepository implements SessionRepository {
  readonly #sessions = new ScopedMap<StoredSession>();

  async create(scope: TenantScope, session: StoredSession): Promise<void> {
    if (this.#sessions.get(scope, session.sessionId) !== undefined) {
      throw new StewardError('CONFLICT', `Session ${session.sessionId} exists already.`);
    }
    this.#sessions.set(scope, session, session.sessionId);
  }

  async get(scope: TenantScope, whose: Whose, sessionId: string): Promise<StoredSession | undefined> {
    const session = this.#sessions.get(scope, sessionId);
    return session !== undefined && isOf(whose, session) ? session : undefined;
  }

  async list(
    scope: TenantScope,
    whose: Required<Whose>,
    page: PageRequest,
    workspaceId?: string,
  ): Promise<Page<StoredSession>> {
    const mine = this.#sessions
      .values(scope)
      .filter((session) => isOf(whose, session) && (workspaceId === undefined || session.workspaceId === workspaceId));
    return pageDescending(mine, page, orderOf);
  }

  async replace(scope: TenantScope, session: StoredSession): Promise<void> {
    if (this.#sessions.get(scope, session.sessionId)?.revision !== session.revision - 1) {
      throw new StewardError('CONFLICT', `Session ${session.sessionId} was changed meanwhile; load it and try again.`);
    }
    this.#sessions.set(scope, session, session.sessionId);
  }

  async check(): Promise<void> {}
}

function isOf(whose: Whose, session: StoredSession): boolean {
  return whose.userId === undefined || session.userId === whose.userId;
}

function orderOf(session: StoredSession): string {
  return `${session.createdAt}#${session.sessionId}`;
}
