import type {
  ClientInfo,
  CreateSessionParams,
  FeatureFlags,
  SessionHandshake,
  SessionHolder,
  SessionStatus,
} from '@steward/contracts';
import type { Clock } from '@steward/sdk';
import { StewardError } from '@steward/sdk';
import { alreadyDone } from '@steward/service-kit';
import type { Attempt, Caller, Page, PageRequest } from '@steward/service-kit';
import { checkCompatibility } from '../compatibility/check-compatibility.ts';
import type { SupportedVersions } from '../compatibility/supported-versions.ts';
import type { BundleIssuer, WorkspaceResolver } from './backends.ts';
import { knownClientInfo } from './client-info.ts';
import { claimLease } from './lease.ts';
import type { SessionRepository, Whose } from './repository.ts';
import { isTerminal } from './session.ts';
import type { StoredSession } from './session.ts';

/** What the service is made of; all of it stays the caller's. */
export interface SessionServiceDeps {
  readonly sessions: SessionRepository;
  readonly workspaces: WorkspaceResolver;
  readonly bundles: BundleIssuer;
  readonly supported: SupportedVersions;
  /** What a session of a tenant is told, or of every tenant. */
  readonly featureFlags: FeatureFlags | ((tenantId: string) => FeatureFlags);
  readonly clock: Clock;
}

/** Who asks, and the permission to that tenant's rows. */
export type Requester = Pick<Caller, 'tenantId' | 'userId' | 'scope'>;

const sessionLifetimeMs = 30 * 24 * 3600 * 1000;

/** Creates sessions, lets them go on, and keeps their state. A finished session never changes again. */
export class SessionService {
  readonly #deps: SessionServiceDeps;

  constructor(deps: SessionServiceDeps) {
    this.#deps = deps;
  }

  /**
   * The handshake. Nothing is stored for an incompatible client, nor when the workspace or the bundle can't be had; a
   * workspace that was made for a session which could not be stored is taken back. A redo finds the session of the first
   * try and answers it with a fresh bundle.
   * @throws CONFLICT with `details.incompatibilities` that name the version to install
   */
  async create(caller: Requester, params: CreateSessionParams, attempt: Attempt): Promise<SessionHandshake> {
    refuseForeignIdentity(caller, params);
    this.#refuseIncompatible(params.clientInfo);
    const sessionId = attempt.newId('sess');
    const made = attempt.isRedo ? await this.#find(caller, sessionId) : undefined;
    if (made !== undefined) return this.#handshakeAgain(caller, made);
    const [workspace, bundle] = await this.#prepare(caller, params, sessionId, attempt);
    const now = this.#deps.clock.now();
    const session: StoredSession = {
      sessionId,
      workspaceId: workspace.workspaceId,
      tenantId: caller.tenantId,
      userId: caller.userId,
      status: 'SESSION_CREATED',
      executionEnvironment: params.executionEnvironment,
      policyBundleVersion: bundle.policyBundleVersion,
      clientInfo: knownClientInfo(params.clientInfo),
      ...(params.continueFromSessionId === undefined ? {} : { continueFromSessionId: params.continueFromSessionId }),
      ...heldBy(undefined, params.holder, now),
      expiresAt: new Date(now.getTime() + sessionLifetimeMs).toISOString(),
      createdAt: now.toISOString(),
      updatedAt: now.toISOString(),
      revision: 1,
    };
    try {
      await this.#deps.sessions.create(caller.scope, session);
    } catch (error) {
      // An answer that was lost is no failure: the session may be there.
      if (await this.#isKnownMissing(caller, sessionId))
        await this.#release(caller, params, workspace.workspaceId, attempt);
      throw error;
    }
    return this.#handshake(session, bundle.policyBundle);
  }

  /**
   * A fresh bundle for a session that goes on, and the lease on it for the runtime that names itself.
   * @throws SESSION_EXPIRED when it has ended or its time is over, SESSION_NOT_FOUND when it is not the caller's,
   * LEASE_LOST while another runtime works on it
   */
  async resume(
    caller: Requester,
    sessionId: string,
    request: { checkpointCursor?: string; clientInfo?: ClientInfo; holder?: SessionHolder },
  ): Promise<SessionHandshake> {
    if (request.clientInfo !== undefined) this.#refuseIncompatible(request.clientInfo);
    const refuse = (session: StoredSession, now: Date): void => {
      refuseEnded(session, now);
      if (request.holder !== undefined) claimLease(session.lease, request.holder, now.getTime());
    };
    // No bundle is issued to a runtime that may not go on.
    refuse(await this.get(caller, sessionId), this.#deps.clock.now());
    const bundle = await this.#deps.bundles.issue(caller, sessionId);
    const resumed = await this.#change(caller, sessionId, (session, now) => {
      refuse(session, now);
      const { lease, ...rest } = session;
      return {
        ...rest,
        ...heldBy(lease, request.holder, now),
        status: 'SESSION_RUNNING',
        policyBundleVersion: bundle.policyBundleVersion,
        ...(request.checkpointCursor === undefined ? {} : { checkpointCursor: request.checkpointCursor }),
        expiresAt: new Date(now.getTime() + sessionLifetimeMs).toISOString(),
      };
    });
    return this.#handshake(resumed, bundle.policyBundle);
  }

  /** The caller's own session unless `whose` says otherwise. @throws SESSION_NOT_FOUND also for sessions of other people and tenants */
  async get(caller: Requester, sessionId: string, whose: Whose = { userId: caller.userId }): Promise<StoredSession> {
    const session = await this.#find(caller, sessionId, whose);
    if (session === undefined) {
      throw new StewardError('SESSION_NOT_FOUND', `There is no session ${sessionId}.`, { details: { sessionId } });
    }
    return session;
  }

  #find(
    { scope, userId }: Requester,
    sessionId: string,
    whose: Whose = { userId },
  ): Promise<StoredSession | undefined> {
    return this.#deps.sessions.get(scope, whose, sessionId);
  }

  /** The answer to a redo. Its lease stays as it is: who holds it now says so with the next report. */
  async #handshakeAgain(caller: Requester, made: StoredSession): Promise<SessionHandshake> {
    const { sessionId } = made;
    const refuse = (session: StoredSession, now: Date): void => {
      if (hasEnded(session, now))
        throw alreadyDone(`Session ${sessionId} has ended since; begin a new one with a new key.`, { sessionId });
    };
    refuse(made, this.#deps.clock.now());
    const { policyBundle, policyBundleVersion } = await this.#deps.bundles.issue(caller, sessionId);
    const session = await this.#change(caller, sessionId, (current, now) => {
      refuse(current, now);
      return current.policyBundleVersion === policyBundleVersion ? undefined : { ...current, policyBundleVersion };
    });
    return this.#handshake(session, policyBundle);
  }

  /** One page of the caller's sessions, newest first. */
  list(caller: Requester, page: PageRequest, workspaceId?: string): Promise<Page<StoredSession>> {
    return this.#deps.sessions.list(caller.scope, { userId: caller.userId }, page, workspaceId);
  }

  /**
   * Status, title and lease as the runtime reports them; the same state again is no change.
   * @throws CONFLICT when the session has ended in another state, LEASE_LOST while another runtime works on it
   */
  async update(
    caller: Requester,
    sessionId: string,
    { status, title, holder }: { status?: SessionStatus; title?: string; holder?: SessionHolder },
  ): Promise<StoredSession> {
    return this.#change(caller, sessionId, (session, now) => {
      if (isTerminal(session.status)) {
        if (status === undefined || status === session.status) return undefined;
        throw new StewardError('CONFLICT', `Session ${sessionId} has ended (${session.status}) and stays so.`, {
          details: { sessionId, status: session.status },
        });
      }
      const { lease, ...rest } = session;
      return {
        ...rest,
        ...heldBy(lease, holder, now),
        ...(status === undefined ? {} : { status }),
        ...(title === undefined ? {} : { title }),
      };
    });
  }

  /** Reads, changes and writes; a race that was lost is run again. `undefined` leaves the session as it is. */
  async #change(
    caller: Requester,
    sessionId: string,
    change: (session: StoredSession, now: Date) => Omit<StoredSession, 'revision' | 'updatedAt'> | undefined,
  ): Promise<StoredSession> {
    for (let attempt = 1; ; attempt += 1) {
      const session = await this.get(caller, sessionId);
      const now = this.#deps.clock.now();
      const fields = change(session, now);
      if (fields === undefined) return session;
      const changed: StoredSession = { ...fields, updatedAt: now.toISOString(), revision: session.revision + 1 };
      try {
        await this.#deps.sessions.replace(caller.scope, changed);
        return changed;
      } catch (error) {
        const lostRace = error instanceof StewardError && error.code === 'CONFLICT';
        if (!lostRace || attempt >= 5) throw error;
      }
    }
  }

  /** Workspace and bundle at the same time; when the bundle can't be had, a workspace made for it is taken back. */
  async #prepare(
    caller: Requester,
    params: CreateSessionParams,
    sessionId: string,
    attempt: Attempt,
  ): Promise<[{ workspaceId: string }, Awaited<ReturnType<BundleIssuer['issue']>>]> {
    const [workspace, bundle] = await Promise.allSettled([
      this.#resolveWorkspace(caller, params, sessionId),
      this.#deps.bundles.issue(caller, sessionId),
    ]);
    if (workspace.status === 'rejected') throw workspace.reason;
    if (bundle.status === 'fulfilled') return [workspace.value, bundle.value];
    await this.#release(caller, params, workspace.value.workspaceId, attempt);
    throw bundle.reason;
  }

  /**
   * Only a general workspace was made for this session alone. Best effort: what failed before is what is reported. The
   * next try gets another session id first, since the workspace's key follows from it.
   */
  async #release(caller: Requester, params: CreateSessionParams, workspaceId: string, attempt: Attempt): Promise<void> {
    const isShared = params.continueFromSessionId !== undefined || params.workspaceHint?.localPaths?.[0] !== undefined;
    if (isShared) return;
    try {
      await attempt.startOver();
      await this.#deps.workspaces.release(caller, workspaceId);
    } catch {
      // The next try goes on with the workspace, or the purge finds it empty.
    }
  }

  async #isKnownMissing(caller: Requester, sessionId: string): Promise<boolean> {
    try {
      return (await this.#find(caller, sessionId)) === undefined;
    } catch {
      return false;
    }
  }

  async #resolveWorkspace(
    caller: Requester,
    params: CreateSessionParams,
    sessionId: string,
  ): Promise<{ workspaceId: string }> {
    if (params.continueFromSessionId !== undefined) {
      const past = await this.get(caller, params.continueFromSessionId);
      return { workspaceId: past.workspaceId };
    }
    return this.#deps.workspaces.resolve(caller, params.workspaceHint?.localPaths?.[0], `workspace-of-${sessionId}`);
  }

  #refuseIncompatible(clientInfo: ClientInfo): void {
    const incompatibilities = checkCompatibility(clientInfo, this.#deps.supported);
    const [first] = incompatibilities;
    if (first === undefined) return;
    const message = `${first.component} ${first.version} is not supported (${first.supported}); install ${first.install}.`;
    throw new StewardError('CONFLICT', message, {
      details: { compatibilityStatus: 'incompatible', incompatibilities, reasonCodes: ['INCOMPATIBLE_VERSION'] },
    });
  }

  #handshake(session: StoredSession, policyBundle: string): SessionHandshake {
    const { featureFlags } = this.#deps;
    return {
      sessionId: session.sessionId,
      workspaceId: session.workspaceId,
      compatibilityStatus: 'compatible',
      incompatibilities: [],
      policyBundle,
      featureFlags: typeof featureFlags === 'function' ? featureFlags(session.tenantId) : featureFlags,
    };
  }
}

/** The field of a session that says who works on it, after a runtime named itself or not. */
function heldBy(
  lease: StoredSession['lease'],
  holder: SessionHolder | undefined,
  now: Date,
): { lease?: NonNullable<StoredSession['lease']> } {
  const next = holder === undefined ? lease : claimLease(lease, holder, now.getTime());
  return next === undefined ? {} : { lease: next };
}

function hasEnded({ status, expiresAt }: StoredSession, now: Date): boolean {
  return isTerminal(status) || (expiresAt !== undefined && Date.parse(expiresAt) <= now.getTime());
}

function refuseEnded(session: StoredSession, now: Date): void {
  if (!hasEnded(session, now)) return;
  const { sessionId, status } = session;
  throw new StewardError('SESSION_EXPIRED', `Session ${sessionId} has ended (${status}); continue it from History.`, {
    details: { sessionId, status },
  });
}

function refuseForeignIdentity(caller: Requester, params: CreateSessionParams): void {
  const foreign =
    (params.tenantId !== undefined && params.tenantId !== caller.tenantId) ||
    (params.userId !== undefined && params.userId !== caller.userId);
  if (foreign) {
    throw new StewardError(
      'PERMISSION_DENIED',
      'tenantId and userId must be those of the access token; leave them out or sign in as that person.',
    );
  }
}
