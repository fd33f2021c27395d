import { StewardError } from '@steward/sdk';
import type { Owner, SessionList, SessionRepository } from './repository.ts';
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

  async list(owner: Required<Owner>, page: { limit: number; startKey?: Record<string, unknown> }): Promise<SessionList> {
    const mine = [...this.#sessions.values()].filter((session) => owns(owner, session)).sort(newestFirst);
    const start = page.startKey === undefined ? 0 : mine.findIndex((item) => item.sessionId === page.startKey?.['sessionId']) + 1;
    const items = mine.slice(start, start + page.limit).map((item) => structuredClone(item));
    const last = items.at(-1);
    return start + page.limit < mine.length && last !== undefined ? { items, nextKey: { sessionId: last.sessionId } } : { items };
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

function newestFirst(a: StoredSession, b: StoredSession): number {
  return a.createdAt === b.createdAt ? (a.sessionId < b.sessionId ? 1 : -1) : a.createdAt < b.createdAt ? 1 : -1;
}
