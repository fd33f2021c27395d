import { StewardError } from '@steward/sdk';
import { pageOf } from '@steward/service-kit';
import type { Page, PageRequest } from '@steward/service-kit';
import type { Owner, SessionRepository } from './repository.ts';
import type { StoredSession } from './session.ts';

/** Sessions in this process; nothing survives it. Clones values both ways as a real store does. */
export class MemorySessionRepository implements SessionRepository {
  readonly #sessions = new Map<string, StoredSession>();

  async create(session: StoredSession): Promise<void> {
    if (this.#sessions.has(session.sessionId)) {
      throw new StewardError('CONFLICT', `Session ${session.sessionId} exists already.`);
    }
    this.#sessions.set(session.sessionId, structuredClone(session));
  }

  async get(owner: Owner, sessionId: string): Promise<StoredSession | undefined> {
    const session = this.#sessions.get(sessionId);
    return session !== undefined && owns(owner, session) ? structuredClone(session) : undefined;
  }

  async list(owner: Required<Owner>, page: PageRequest, workspaceId?: string): Promise<Page<StoredSession>> {
    const mine = [...this.#sessions.values()]
      .filter((session) => owns(owner, session) && (workspaceId === undefined || session.workspaceId === workspaceId))
      .sort((a, b) => newestFirst(orderOf(a), orderOf(b)));
    return structuredClone(pageOf(mine, page, orderOf, newestFirst));
  }

  async replace(session: StoredSession): Promise<void> {
    const stored = this.#sessions.get(session.sessionId);
    if (stored?.revision !== session.revision - 1 || stored.tenantId !== session.tenantId) {
      throw new StewardError('CONFLICT', `Session ${session.sessionId} was changed meanwhile; load it and try again.`);
    }
    this.#sessions.set(session.sessionId, structuredClone(session));
  }

  async check(): Promise<void> {}
}

function owns(owner: Owner, session: StoredSession): boolean {
  return session.tenantId === owner.tenantId && (owner.userId === undefined || session.userId === owner.userId);
}

function orderOf(session: StoredSession): string {
  return `${session.createdAt}#${session.sessionId}`;
}

function newestFirst(a: string, b: string): number {
  return a === b ? 0 : a < b ? 1 : -1;
}
