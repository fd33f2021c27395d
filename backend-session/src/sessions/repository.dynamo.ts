import { StewardError } from '@steward/sdk';
import { absent, isConditionFailed, pingTable, scopedTable } from '@steward/service-kit';
import type { DynamoDeps, Page, PageRequest, ScopedTable, TenantScope } from '@steward/service-kit';
import type { SessionRepository, Whose } from './repository.ts';
import type { StoredSession } from './session.ts';

/** Sessions in DynamoDB: PK tenant#session, index `byUser` on tenant#user by creation. */
export class DynamoSessionRepository implements SessionRepository {
  readonly #deps: DynamoDeps;

  /** The client stays the caller's. */
  constructor(deps: DynamoDeps) {
    this.#deps = deps;
  }

  async create(scope: TenantScope, session: StoredSession): Promise<void> {
    await this.#put(scope, session, { condition: absent }, `Session ${session.sessionId} exists already.`);
  }

  async get(scope: TenantScope, whose: Whose, sessionId: string): Promise<StoredSession | undefined> {
    const row = await this.#table(scope).get({ id: [sessionId] });
    if (row === undefined || (whose.userId !== undefined && row['userId'] !== whose.userId)) return undefined;
    return sessionOf(row);
  }

  async list(
    scope: TenantScope,
    { userId }: Required<Whose>,
    page: PageRequest,
    workspaceId?: string,
  ): Promise<Page<StoredSession>> {
    const found = await this.#table(scope).queryPage(
      { index: 'byUser', id: [userId], newestFirst: true },
      page,
      (rows) => rows.filter((row) => workspaceId === undefined || row['workspaceId'] === workspaceId),
    );
    return { ...found, items: found.items.map(sessionOf) };
  }

  async replace(scope: TenantScope, session: StoredSession): Promise<void> {
    const condition = { condition: 'revision = :expected', values: { ':expected': session.revision - 1 } };
    const conflict = `Session ${session.sessionId} was changed meanwhile; load it and try again.`;
    await this.#put(scope, session, condition, conflict);
  }

  check(): Promise<void> {
    return pingTable(this.#deps, 'sessions');
  }

  async #put(
    scope: TenantScope,
    session: StoredSession,
    condition: Parameters<ScopedTable['put']>[3],
    conflict: string,
  ): Promise<void> {
    const table = this.#table(scope);
    const row = { ...session, ...ttlOf(session) };
    try {
      await table.run(table.put(row, [session.sessionId], { byUser: [session.userId] }, condition));
    } catch (error) {
      if (isConditionFailed(error)) throw new StewardError('CONFLICT', conflict, { cause: error });
      throw error;
    }
  }

  #table(scope: TenantScope): ScopedTable {
    return scopedTable(this.#deps, 'sessions', scope);
  }
}

const keptAfterExpirySeconds = 60 * 24 * 3600;

function ttlOf(session: StoredSession): { ttl?: number } {
  if (session.expiresAt === undefined) return {};
  return { ttl: Math.floor(Date.parse(session.expiresAt) / 1000) + keptAfterExpirySeconds };
}

function sessionOf(row: Record<string, unknown>): StoredSession {
  const { ttl: _ttl, ...session } = row;
  return session as StoredSession;
}
