import { realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CreateSessionResult, SessionEvent } from '@steward/contracts';
import type { Clock } from '@steward/sdk';
import { ConnectionClosedError, StewardError, newId, timestampOf } from '@steward/sdk';
import type { Conversation, HostCalls } from '../contract/bridge.ts';
import type { Identity } from '../identity/identity.ts';
import { samePerson } from '../identity/person.ts';
import type { Person } from '../identity/person.ts';
import type { SecretStore } from '../private/secret-store.ts';
import type { TrustedFolders } from '../private/trusted-folders.ts';
import type { RuntimeProcess } from '../runtime/runtime-process.ts';
import type { Timers } from '../timers.ts';
import { hasJournal } from './conversation-registry.ts';
import type { ConversationRecord, ConversationRegistry } from './conversation-registry.ts';
import { EventLog } from './event-log.ts';
import { LiveConversation } from './live-conversation.ts';
import { clientInfoOf, createSessionParams } from './open-session.ts';
import { checkProjectFolder } from './project-folder.ts';

/** What {@link Conversations} needs. */
export interface ConversationsDeps {
  readonly home: string;
  readonly appVersion: string;
  readonly identity: Identity;
  readonly registry: ConversationRegistry;
  readonly trustedFolders: TrustedFolders;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Starts a runtime process; a failed start leaves none behind. */
  readonly startRuntime: (accessToken: string) => Promise<RuntimeProcess>;
  readonly onEvent: (sessionId: string, event: SessionEvent) => void;
  readonly onChange: () => void;
  readonly onError: (source: string, error: unknown) => void;
}

/** The step that a forked conversation begins at, and its title. */
interface Fork {
  readonly at: string;
  readonly title: string;
}

/**
 * The conversations open on this machine: opens, recovers and closes them, one runtime process each. What a person
 * sees is limited to their own; everything else answers as if it did not exist.
 */
export class Conversations {
  readonly #deps: ConversationsDeps;
  readonly #live = new Map<string, LiveConversation>();
  /** Runtimes that finish a closed conversation in the background. */
  readonly #finishing = new Set<Promise<void>>();
  /** Runtimes that have no conversation yet. */
  readonly #starting = new Set<RuntimeProcess>();
  #stopped = false;

  constructor(deps: ConversationsDeps) {
    this.#deps = deps;
    deps.identity.listen({
      changed: () => deps.onChange(),
      refreshed: (accessToken) => this.#pushCredentials(accessToken),
    });
  }

  /** Takes up the conversations of the last run whose journal is still there; the others had ended. */
  async start(): Promise<void> {
    for (const record of this.#deps.registry.list()) {
      if (!(await hasJournal(this.#deps.home, record.sessionId))) {
        await this.#deps.registry.remove(record.sessionId);
        continue;
      }
      if (record.closing === true) {
        this.#finishInBackground(record);
        continue;
      }
      const conversation = await this.#create(record);
      await conversation.restore('Steward was closed while this conversation was open. Resume it to go on.');
    }
    this.#deps.onChange();
  }

  /** The person's own conversations, oldest first. */
  list(): readonly LiveConversation[] {
    const { person } = this.#deps.identity;
    return [...this.#live.values()].filter((conversation) => samePerson(personOfRecord(conversation.record), person));
  }

  /** One of the person's own conversations; SESSION_NOT_FOUND for any other id. */
  get(sessionId: string): LiveConversation {
    const conversation = this.#live.get(sessionId);
    if (conversation !== undefined && this.list().includes(conversation)) return conversation;
    throw new StewardError(
      'SESSION_NOT_FOUND',
      `The conversation ${sessionId} is not open here. Continue it from History.`,
    );
  }

  /**
   * Starts a new conversation in the folder of an open one, with its thread up to a step; files stay as they are. The
   * thread comes from the saved history, which holds every task that has ended.
   */
  async fork(sessionId: string, checkpointId: string): Promise<Conversation> {
    const { record } = this.get(sessionId);
    const { projectDir, title } = record;
    if (checkpointId === 'start') return this.open({ projectDir });
    return this.open({ projectDir, continueFromSessionId: sessionId }, { at: checkpointId, title });
  }

  /** Starts a runtime and a session in it; a second runtime where the first dies before it answers. */
  async open(params: HostCalls['openConversation']['params'], fork?: Fork): Promise<Conversation> {
    const idempotencyKey = newId('req');
    try {
      return await this.#open(params, fork, idempotencyKey);
    } catch (error) {
      if (!(error instanceof ConnectionClosedError) || this.#stopped) throw error;
      // The same session, should the first one have got as far as making it.
      return this.#open(params, fork, idempotencyKey);
    }
  }

  async #open(
    params: HostCalls['openConversation']['params'],
    fork: Fork | undefined,
    idempotencyKey: string,
  ): Promise<Conversation> {
    const { projectDir, continueFromSessionId } = params;
    if (projectDir !== null) await checkProjectFolder(projectDir);
    const { runtime, person } = await this.#launch();
    try {
      const folderTrusted = await this.#isTrusted(person, projectDir);
      const result = await runtime.request(
        'CreateSession',
        createSessionParams({
          clientInfo: clientInfoOf(this.#deps.appVersion, runtime.version),
          projectDir,
          continueFromSessionId,
          continueAtMessageId: fork?.at,
          folderTrusted,
          idempotencyKey,
        }),
      );
      const record: ConversationRecord = {
        sessionId: result.sessionId,
        workspaceId: result.workspaceId,
        userId: person.userId,
        tenantId: person.tenantId,
        title: fork?.title ?? (projectDir === null ? 'New conversation' : basename(projectDir)),
        projectDir,
        model: result.model,
        demoModel: result.demoModel ?? false,
        startedAt: timestampOf(this.#deps.clock),
        continuedFrom: continueFromSessionId ?? null,
        ...(fork === undefined ? {} : { continuedAt: fork.at }),
      };
      await this.#deps.registry.put(record);
      const conversation = await this.#create(record);
      await this.#attach(conversation, runtime, result, folderTrusted);
      return conversation.summary;
    } catch (error) {
      await runtime.stop({ completeSession: false });
      throw error;
    } finally {
      this.#starting.delete(runtime);
    }
  }

  /** Goes on with an interrupted conversation in a new runtime. */
  async resume(sessionId: string): Promise<Conversation> {
    const conversation = this.get(sessionId);
    conversation.beginRestart();
    try {
      const { runtime, person } = await this.#launch();
      try {
        const folderTrusted = await this.#isTrusted(person, conversation.record.projectDir);
        const result = await runtime.request('ResumeSession', {
          sessionId,
          continueTask: true,
          ...(folderTrusted === null ? {} : { folderTrusted }),
        });
        await this.#attach(conversation, runtime, result, folderTrusted);
        await conversation.state();
      } catch (error) {
        await runtime.stop({ completeSession: false });
        throw error;
      } finally {
        this.#starting.delete(runtime);
      }
    } catch (error) {
      conversation.restartFailed();
      throw error;
    }
    return conversation.summary;
  }

  /** Recovers an interrupted conversation as the person chose; null when it was closed. */
  async recover(
    sessionId: string,
    action: HostCalls['recoverConversation']['params']['action'],
  ): Promise<Conversation | null> {
    if (action === 'resume') return this.resume(sessionId);
    if (action === 'close') {
      await this.close(sessionId);
      return null;
    }
    const { projectDir } = this.get(sessionId).record;
    const fresh = await this.open({ projectDir });
    await this.close(sessionId);
    return fresh;
  }

  /** Keeps the person's decision about a conversation's folder and tells every conversation in it. */
  async setFolderTrust(sessionId: string, trusted: boolean): Promise<void> {
    const { projectDir } = this.get(sessionId).record;
    if (projectDir === null)
      throw new StewardError('CONFLICT', 'This conversation has no project folder, so there is none to trust.');
    await this.trustFolder(projectDir, trusted);
  }

  /** The same by path. */
  async trustFolder(path: string, trusted: boolean): Promise<void> {
    const { identity, trustedFolders } = this.#deps;
    const { person } = identity;
    if (person === undefined) throw new StewardError('UNAUTHORIZED', 'Nobody is signed in. Sign in first.');
    const real = await trustedFolders.set(person, path, trusted);
    await Promise.all(
      this.list().map(async (conversation) => {
        const { sessionId, record, runtime } = conversation;
        if (runtime === undefined || record.projectDir === null) return;
        if ((await realpath(record.projectDir).catch(() => record.projectDir)) !== real) return;
        await conversation.request('SetFolderTrust', { sessionId, trusted });
      }),
    );
  }

  /** Gives every runtime of the person the secrets as they are now. */
  async pushSecrets(): Promise<void> {
    const { person } = this.#deps.identity;
    if (person === undefined) return;
    const secrets = this.#deps.secrets.forRuntime(person);
    await Promise.all(this.list().map((conversation) => conversation.runtime?.request('SetSecrets', { secrets })));
  }

  /**
   * Closes a conversation. With a running runtime the session is completed and its history saved before this
   * resolves; an interrupted one leaves the list at once and is completed in the background.
   */
  async close(sessionId: string): Promise<void> {
    const conversation = this.get(sessionId);
    const { record } = conversation;
    const hadRuntime = conversation.runtime !== undefined;
    await conversation.stop({ completeSession: true });
    this.#live.delete(sessionId);
    await conversation.dispose();
    if (hadRuntime) await this.#deps.registry.remove(sessionId);
    else {
      await this.#deps.registry.put({ ...record, closing: true });
      this.#finishInBackground(record);
    }
    this.#deps.onChange();
  }

  /** Ends every runtime in order and keeps the conversations for later; used at sign-out and at the end. */
  async suspendAll(reason: string): Promise<void> {
    const live = [...this.#live.values()];
    await Promise.all(live.map((conversation) => conversation.stop({ completeSession: false, interruption: reason })));
    await this.#finished();
    await Promise.all([...this.#starting].map((runtime) => runtime.stop({ completeSession: false })));
  }

  /** Ends everything; nothing can be opened afterwards. */
  async stop(): Promise<void> {
    await this.suspendAll('Steward was closed while this conversation was open. Resume it to go on.');
    this.#stopped = true;
    await Promise.all([...this.#live.values()].map((conversation) => conversation.settle()));
    await this.#deps.registry.settled();
  }

  async #launch(): Promise<{ runtime: RuntimeProcess; person: Person }> {
    const accessToken = await this.#deps.identity.accessToken();
    const { person } = this.#deps.identity;
    if (person === undefined) throw new StewardError('UNAUTHORIZED', 'Nobody is signed in. Sign in first.');
    const runtime = await this.#deps.startRuntime(accessToken);
    this.#starting.add(runtime);
    if (this.#stopped || !samePerson(person, this.#deps.identity.person)) {
      await runtime.stop({ completeSession: false });
      this.#starting.delete(runtime);
      throw new StewardError('UNAUTHORIZED', 'The sign-in changed while the conversation was starting. Try again.');
    }
    const secrets = this.#deps.secrets.forRuntime(person);
    if (secrets.length > 0) await runtime.request('SetSecrets', { secrets });
    return { runtime, person };
  }

  async #create(record: ConversationRecord): Promise<LiveConversation> {
    const log = await EventLog.open({
      path: join(this.#deps.home, 'host', 'events', `${record.sessionId}.ndjson`),
      onFailure: (error) => this.#deps.onError('event log', error),
    });
    const conversation = new LiveConversation({
      record,
      log,
      now: () => timestampOf(this.#deps.clock),
      onEvent: (event) => this.#deps.onEvent(record.sessionId, event),
      onChange: () => this.#deps.onChange(),
      onRecord: (changed) => {
        if (!this.#live.has(changed.sessionId)) return;
        this.#deps.registry.put(changed).catch((error: unknown) => this.#deps.onError('conversations', error));
      },
    });
    this.#live.set(record.sessionId, conversation);
    return conversation;
  }

  async #attach(
    conversation: LiveConversation,
    runtime: RuntimeProcess,
    result: CreateSessionResult,
    folderTrusted: boolean | null,
  ): Promise<void> {
    await runtime.nameLog(conversation.sessionId);
    conversation.attach(runtime, result, folderTrusted);
  }

  async #isTrusted(person: Person, projectDir: string | null): Promise<boolean | null> {
    return projectDir === null ? null : this.#deps.trustedFolders.has(person, projectDir);
  }

  #pushCredentials(accessToken: string): void {
    const runtimes = [...[...this.#live.values()].map((conversation) => conversation.runtime), ...this.#starting];
    for (const runtime of runtimes) {
      runtime
        ?.request('SetCredentials', { accessToken })
        .catch((error: unknown) => this.#deps.onError('runtime', error));
    }
  }

  /** Waits for closed conversations that are being completed, five seconds at most; the rest is done at the next start. */
  async #finished(): Promise<void> {
    if (this.#finishing.size === 0) return;
    let cancel = (): void => undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = this.#deps.timers.after(5_000, resolve);
    });
    await Promise.race([Promise.all(this.#finishing), patience]);
    cancel();
  }

  /**
   * Lets a runtime complete a session whose own has died, so that its history is saved. Failing leaves record and
   * journal for the next start.
   */
  #finishInBackground(record: ConversationRecord): void {
    if (!samePerson(personOfRecord(record), this.#deps.identity.person)) return;
    const finishing = this.#finish(record.sessionId)
      .then(() => this.#deps.registry.remove(record.sessionId))
      .catch((error: unknown) => this.#deps.onError('conversations', error))
      .finally(() => this.#finishing.delete(finishing));
    this.#finishing.add(finishing);
  }

  async #finish(sessionId: string): Promise<void> {
    const { runtime } = await this.#launch();
    try {
      await runtime.request('ResumeSession', { sessionId, continueTask: false }, 30_000);
      await runtime.stop({ completeSession: true });
    } finally {
      await runtime.stop({ completeSession: false });
      this.#starting.delete(runtime);
    }
  }
}

function personOfRecord(record: ConversationRecord): Person {
  return { userId: record.userId, tenantId: record.tenantId, name: '', roles: [] };
}
