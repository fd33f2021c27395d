import { existsSync, mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type {
  CreateSessionParams,
  CreateSessionResult,
  PolicyBundle,
  ResumeSessionParams,
  SessionHolder,
} from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import type { ToolRouter } from '@steward/tool-port';
import { onDisk } from '../journal/journal-error.ts';
import { SessionLock } from '../journal/session-lock.ts';
import { assembleSession } from './assemble-session.ts';
import { carriedOver } from './carried-over.ts';
import { chooseModel } from './choose-model.ts';
import { fetchBundle, freshOrKept, refuseIncompatible } from './fetch-bundle.ts';
import type { FetchedBundle } from './fetch-bundle.ts';
import { interruptedTaskOf, unknownEffectsOf } from './interrupted-work.ts';
import { sendLeftovers } from './leftover-sessions.ts';
import type { LiveSession } from './live-session.ts';
import { PolicyHolder } from './policy-holder.ts';
import { replayEffects } from './replay-effects.ts';
import type { HostDeps } from './session-deps.ts';
import { creatingHolder, holderHere, takeOver } from './session-holder.ts';
import { sessionPaths } from './session-paths.ts';
import type { SessionPaths } from './session-paths.ts';
import { SessionStore } from './session-store.ts';

/** Behind the answer, and before a person has typed anything. */
const prepareAfterMs = 50;
const sandboxAfterMs = 1_000;
const leftoversAfterMs = 2_000;
/** `session_created` and `session_started`; a client is answered once both are on the disk. */
const openingEvents = 2;

/** Asked while the journal was not proved: by what its ends said. */
interface EarlyQuestion {
  readonly lastSeq: number;
  readonly answer: Promise<FetchedBundle>;
}

/** A session that is open, and what its client is told. */
export interface OpenedSession {
  readonly live: LiveSession;
  readonly result: CreateSessionResult;
}

/** Creates sessions by handshake and resumes them from their journals. */
export class SessionOpener {
  readonly #host: HostDeps;
  readonly #isBackedUp: () => boolean;

  constructor(host: HostDeps, isBackedUp: () => boolean) {
    this.#host = host;
    this.#isBackedUp = isBackedUp;
  }

  /**
   * A new session, or the one that an earlier call with the same key made. Nothing is kept on this machine unless the
   * handshake succeeded and its policy was verified.
   * @throws FILE_NOT_FOUND for a missing folder, CONFLICT with the versions to install for an incompatible client
   */
  async create({ folderTrusted = false, idempotencyKey, ...params }: CreateSessionParams): Promise<OpenedSession> {
    const host = this.#host;
    const projectDir = realFolder(params.workspaceHint?.localPaths?.[0]);
    const key = idempotencyKey ?? host.newId('req');
    const me = creatingHolder(idempotencyKey, host.newId('req'));
    const handshake = await host.backend.createSession({ ...params, holder: me }, key);
    refuseIncompatible(handshake);
    const { sessionId, workspaceId, policyBundle, featureFlags } = handshake;
    const bundle = await host.verifier.verify(policyBundle, { sessionId });
    const paths = sessionPaths(host.settings.home, sessionId);
    // The answer may be that of an earlier call, whose runtime died before or after it could tell its client.
    if (existsSync(paths.journal) && (await this.#wasOpened(paths, sessionId, me.instanceId)))
      return this.resume({ sessionId, folderTrusted });
    const tools = this.#openTools(sessionId, workspaceId, paths, projectDir);
    const model = await chooseModel(bundle.llmPolicy, host);
    const lock = acquireLock(paths, me.instanceId);
    let opened: SessionStore | undefined;
    let begun: LiveSession | undefined;
    try {
      takeOver(paths.holder, me);
      const { store } = await SessionStore.open(paths.journal, sessionId, host);
      opened = store;
      const facts = {
        sessionId,
        workspaceId,
        createdAt: host.clock.now().toISOString(),
        params,
        featureFlags,
        model,
        demoModel: host.settings.demoModel,
        ...(projectDir === undefined ? {} : { projectDir, folderTrusted }),
      };
      store.record('session', facts);
      store.record('bundle', { jws: policyBundle, version: bundle.policyBundleVersion });
      const policy = new PolicyHolder(host.clock, bundle);
      store.emit('session_created', { workspaceId, policy: policy.status() });
      const { messages, warnings } = await carriedOver(host.backend, workspaceId, params);
      for (const message of messages) store.record('message', message);
      store.emit('session_started', {
        model,
        demoModel: host.settings.demoModel,
        ...(projectDir === undefined ? {} : { projectDir }),
        policy: policy.status(),
        ...(params.continueFromSessionId === undefined ? {} : { continuedFromSessionId: params.continueFromSessionId }),
      });
      const router = await tools;
      router.trustFolder(store.state.folderTrusted);
      const live = this.#assemble(store, policy, router, paths, lock, me);
      begun = live;
      await store.sync();
      void live.connectRemoteTools();
      this.#doLater(live, bundle);
      return { live, result: live.opening({ warnings }) };
    } catch (error) {
      // Nobody was told of this conversation, so nothing of it stays.
      await letGo(begun, opened);
      discard(paths.folder);
      lock.release();
      throw error;
    }
  }

  /**
   * A session whose runtime ended without ending it. The thread is what the journal says; calls that were running are
   * proved done, run again only where it is proved that they did nothing, or reported as unknown.
   * @throws SESSION_NOT_FOUND without a journal, LEASE_LOST while another runtime holds it, here or elsewhere
   */
  async resume({ sessionId, continueTask, folderTrusted }: ResumeSessionParams): Promise<OpenedSession> {
    const host = this.#host;
    const paths = sessionPaths(host.settings.home, sessionId);
    if (!existsSync(paths.journal))
      throw new StewardError(
        'SESSION_NOT_FOUND',
        `There is no interrupted work of the conversation ${sessionId} on this machine. Continue it from History.`,
      );
    const instanceId = host.newId('req');
    const lock = acquireLock(paths, instanceId);
    let opened: SessionStore | undefined;
    let begun: LiveSession | undefined;
    try {
      const me = takeOver(paths.holder, holderHere(instanceId));
      // The services work on their answer while the journal is read.
      let early: EarlyQuestion | undefined;
      const { store, end, keptAside, damagedParts } = await SessionStore.open(
        paths.journal,
        sessionId,
        host,
        (ends) => {
          if (ends !== undefined) early = { lastSeq: ends.lastSeq, answer: fetchBundle(host, sessionId, ends, me) };
          early?.answer.catch(() => undefined);
        },
      );
      opened = store;
      const facts = store.state.facts;
      if (facts === undefined)
        throw new StewardError(
          'SESSION_NOT_FOUND',
          `The journal of the conversation ${sessionId} ends before its beginning was written. Start a new conversation.`,
        );
      const tools = this.#openTools(sessionId, facts.workspaceId, paths, facts.projectDir);
      // What was asked before the journal was proved counts only where the proof says the same.
      const { lastSeq } = store.state;
      const fresh =
        early?.lastSeq === lastSeq
          ? early.answer
          : fetchBundle(host, sessionId, { lastSeq, clientInfo: facts.params.clientInfo }, me);
      const asked = freshOrKept(host, store, fresh);
      // Its failure is met where it is awaited. Meanwhile, once it has left, the disk is read.
      asked.catch(() => undefined);
      await setImmediate();
      const effects = store.effects();
      const { bundle, jws, warnings } = await asked;
      if (jws !== store.state.bundleJws) store.record('bundle', { jws, version: bundle.policyBundleVersion });
      if (keptAside !== undefined) {
        warnings.push(
          `The journal was damaged. Everything up to the damage was recovered; what came after it is not known. The damaged file was kept as ${keptAside}.`,
        );
      }
      if (damagedParts.length > 0) {
        warnings.push(
          `Files with older parts of this conversation are damaged or missing: ${damagedParts.join(', ')}. Messages that can't be read say so; the files were left as they are.`,
        );
      }
      const router = await tools;
      replayEffects(store, router, effects);
      const live = this.#assemble(store, new PolicyHolder(host.clock, bundle), router, paths, lock, me);
      begun = live;
      live.takeFolderTrust(folderTrusted ?? store.state.folderTrusted);
      await live.finishBegun();
      const interruptedTask = interruptedTaskOf(store.state);
      const unknownEffects = await unknownEffectsOf(store.state, router);
      const result = live.opening({
        warnings,
        unknownEffects,
        ...(interruptedTask === undefined ? {} : { interruptedTask }),
      });
      // A call that goes on may be one of a remote tool.
      const connected = live.connectRemoteTools();
      if (interruptedTask !== undefined) await connected;
      const whole = end.state !== 'damaged' && damagedParts.length === 0;
      // After damage the thread may be older than the files, so a person decides whether to go on.
      if (interruptedTask !== undefined && continueTask !== false && whole) await live.resume();
      await store.sync();
      live.outbox.kick();
      this.#doLater(live, bundle);
      return { live, result: { ...result, sessionStatus: live.status(), lastSeq: store.state.lastSeq } };
    } catch (error) {
      await letGo(begun, opened);
      lock.release();
      throw error;
    }
  }

  /** Nobody waits for it, so it begins when the first work of this session is under way. */
  #doLater(live: LiveSession, owner: PolicyBundle): void {
    this.#host.scheduler.after(prepareAfterMs, () => live.prepare());
    this.#host.scheduler.after(sandboxAfterMs, () => void live.learnSandbox());
    this.#host.scheduler.after(leftoversAfterMs, () => void sendLeftovers(this.#host, owner));
  }

  /** Whether the journal of an earlier call is whole; what was only begun is removed, since nobody was told of it. */
  async #wasOpened(paths: SessionPaths, sessionId: string, token: string): Promise<boolean> {
    const lock = acquireLock(paths, token);
    try {
      const { store } = await SessionStore.open(paths.journal, sessionId, this.#host);
      const isWhole = store.state.lastSeq >= openingEvents;
      await store.close();
      if (!isWhole) onDisk(paths.journal, () => this.#host.files.remove(paths.journal));
      return isWhole;
    } finally {
      lock.release();
    }
  }

  #assemble(
    store: SessionStore,
    policy: PolicyHolder,
    tools: ToolRouter,
    paths: SessionPaths,
    lock: SessionLock,
    holder: SessionHolder,
  ): LiveSession {
    return assembleSession(this.#host, {
      store,
      policy,
      tools,
      holder,
      fetchBundle: () => {
        const { lastSeq, facts } = store.state;
        return fetchBundle(this.#host, store.sessionId, { lastSeq, clientInfo: facts?.params.clientInfo }, holder);
      },
      isBackedUp: this.#isBackedUp,
      announceEnd: () => onDisk(paths.ended, () => writeFileSync(paths.ended, '', { mode: 0o600 })),
      release: (how) => {
        if (how === 'remove') return onDisk(paths.folder, () => rmSync(paths.folder, { recursive: true, force: true }));
        lock.release();
      },
    });
  }

  #openTools(
    sessionId: string,
    workspaceId: string,
    paths: SessionPaths,
    projectDir: string | undefined,
  ): Promise<ToolRouter> {
    const { backend, newId, openTools } = this.#host;
    const opened = openTools({
      ...(projectDir === undefined ? {} : { projectDir }),
      stateDir: paths.toolState,
      namedSecrets: () => this.#host.namedSecrets.list(),
      ...(backend.tools === undefined ? {} : { backendTools: backend.tools }),
      uploadArtifact: async ({ artifactType, name, contentType, source, taskId, stepId }) => {
        const artifactId = newId('art');
        await backend.uploadArtifact(
          workspaceId,
          { artifactId, sessionId, taskId, stepId, artifactType, name, contentType },
          source,
        );
        return { artifactId, uri: `artifact://${workspaceId}/${artifactId}` };
      },
    });
    // The failure is met where the tools are awaited.
    opened.catch(() => undefined);
    return opened;
  }
}

/** Nothing of a session that could not be opened goes on: it would send, and write beside the next one to be opened. */
async function letGo(live: LiveSession | undefined, store: SessionStore | undefined): Promise<void> {
  if (live === undefined) await store?.close();
  else await live.stop();
}

function acquireLock(paths: SessionPaths, token: string): SessionLock {
  return onDisk(paths.lock, () => {
    mkdirSync(dirname(paths.lock), { recursive: true, mode: 0o700 });
    return SessionLock.acquire(paths.lock, token);
  });
}

/** Removes what can be removed; a disk that refuses leaves a folder that nobody was told of. */
function discard(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // The reason why the session could not be created is told already.
  }
}

function realFolder(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    const real = realpathSync(path);
    if (statSync(real).isDirectory()) return real;
  } catch {
    // Told below, whatever the reason is.
  }
  throw new StewardError('FILE_NOT_FOUND', `The folder ${path} does not exist or is no folder. Choose another one.`, {
    details: { path },
  });
}
