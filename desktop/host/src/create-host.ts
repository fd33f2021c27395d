import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, PolicyPaths, WorkspacePaths } from '@steward/sdk';
import { StewardError, createServiceClient, systemClock } from '@steward/sdk';
import type { Diagnostics, HostEvent, HostReply, HostSnapshot } from './contract/bridge.ts';
import { checkCallParams, isCallName } from './contract/call-schemas.ts';
import { ErrorRing } from './diagnostics/error-ring.ts';
import { runtimeBadge } from './diagnostics/runtime-badge.ts';
import { ServiceHealthMonitor } from './diagnostics/service-health.ts';
import { createHistory } from './history/history.ts';
import { createHostCalls } from './host-calls.ts';
import type { HostHandlers } from './host-calls.ts';
import { toHostError } from './host-error.ts';
import { FileTokenStore } from './identity/file-token-store.ts';
import { Identity } from './identity/identity.ts';
import { createOidc } from './identity/oidc.ts';
import type { TokenStore } from './identity/token-store.ts';
import { createPolicyAdmin } from './policy/policy-admin.ts';
import { RuntimeProcess } from './runtime/runtime-process.ts';
import { openSecretStore } from './private/secret-store.ts';
import type { Sealer } from './private/sealer.ts';
import { openTrustedFolders } from './private/trusted-folders.ts';
import { openConversationRegistry } from './sessions/conversation-registry.ts';
import { Conversations } from './sessions/conversations.ts';
import { openSettingsStore } from './settings/settings-store.ts';
import { SnapshotAnnouncer } from './snapshot-announcer.ts';
import { createFetchTrusting } from './stack/ca-fetch.ts';
import type { StackDescription } from './stack/stack-description.ts';
import { systemTimers } from './timers.ts';
import type { Timers } from './timers.ts';

/** What {@link createHost} needs; optional parts have the machine's own as default. */
export interface HostDeps {
  readonly stack: StackDescription;
  readonly appVersion: string;
  readonly shell: HostSnapshot['shell'];
  /** Opens the sign-in page outside the renderer and answers true, or false when the renderer has to go there. */
  readonly showSignInPage: (page: URL) => Promise<boolean>;
  /** Where the browser goes after a sign-in; undefined shows a page that can be closed. */
  readonly returnTo: () => string | undefined;
  /** The system's folder dialog; null when cancelled. */
  readonly chooseFolder?: () => Promise<string | null>;
  /** Keeps tokens between runs; a private file unless given. */
  readonly tokenStore?: TokenStore;
  /** The system's key store; without it secrets for tools are in a private file. */
  readonly sealer?: Sealer;
  /** Program to use where the stack's command says `node`; `node` on the PATH unless given. */
  readonly nodeProgram?: string;
  /** One JSON line for the shell's log. */
  readonly log?: (fields: Readonly<Record<string, unknown>>) => void;
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** The trusted core of the desktop, as shells see it. */
export interface Host {
  /**
   * Answers one call of the bridge. Total: unknown names, params that break their schema and every failure come back
   * as an error body.
   */
  call(name: unknown, params: unknown): Promise<HostReply>;
  /** Calls for every event until the returned function is called. A listener that throws is left out of nothing. */
  subscribe(listener: (event: HostEvent) => void): () => void;
  /** Ends runtimes in order, keeps what can be resumed, and resolves when everything is on disk. */
  stop(): Promise<void>;
}

/** Builds the host and takes up the last run: sign-in, settings, open conversations. */
export async function createHost(deps: HostDeps): Promise<Host> {
  const { stack } = deps;
  const clock = deps.clock ?? systemClock;
  const timers = deps.timers ?? systemTimers;
  const folder = join(stack.home, 'host');
  const errors = new ErrorRing(clock);
  const onError = (source: string, error: unknown): void => {
    errors.add(source, error);
    deps.log?.({ level: 'warn', source, message: errors.items[0]?.message });
  };
  const onDamaged = (keptAs: string): void =>
    onError(
      'files',
      new StewardError('INTERNAL_ERROR', `A file of the host could not be read and was kept as ${keptAs}.`),
    );
  const trusted = createFetchTrusting(stack.caFile === undefined ? undefined : await readFile(stack.caFile, 'utf8'));

  const listeners = new Set<(event: HostEvent) => void>();
  const emit = (event: HostEvent): void => {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        onError('shell', error);
      }
    }
  };
  const announcer = new SnapshotAnnouncer(timers, () => emit({ type: 'snapshot', snapshot: snapshot() }));
  const changed = (): void => announcer.changed();

  const settings = await openSettingsStore(join(folder, 'settings.json'), onDamaged);
  const trustedFolders = await openTrustedFolders(join(folder, 'trusted-folders.json'), onDamaged);
  const secrets = await openSecretStore(join(folder, 'secrets.json'), onDamaged, deps.sealer);
  const identity = new Identity({
    oidc: createOidc({ issuer: stack.issuer, clientId: stack.clientId, fetch: trusted }),
    tokenStore: deps.tokenStore ?? new FileTokenStore(folder),
    clock,
    timers,
    returnTo: deps.returnTo,
    onError,
  });
  const health = new ServiceHealthMonitor({ stack, fetch: trusted, clock, timers, onChange: changed });
  const conversations = new Conversations({
    home: stack.home,
    appVersion: deps.appVersion,
    identity,
    registry: await openConversationRegistry(join(folder, 'conversations.json'), onDamaged),
    trustedFolders,
    secrets,
    clock,
    timers,
    startRuntime: (accessToken) =>
      RuntimeProcess.start(
        {
          command: commandOf(stack.runtime.command, deps.nodeProgram),
          env: stack.runtime.env,
          ownEnv: deps.environment ?? process.env,
          logFolder: join(stack.home, 'logs'),
          clientVersion: deps.appVersion,
          timers,
          onError,
        },
        accessToken,
      ),
    onEvent: (sessionId, event) => emit({ type: 'session_event', sessionId, event }),
    onChange: changed,
    onError,
  });

  const history = createHistory({
    workspaces: createServiceClient<WorkspacePaths>(stack.services.workspace ?? 'https://workspace.invalid/v1', {
      getToken: () => identity.accessToken(),
      fetch: trusted,
    }),
    liveStatus: (sessionId) =>
      conversations.list().find((conversation) => conversation.sessionId === sessionId)?.view.status,
    openSessionsOf: (workspaceId) =>
      conversations
        .list()
        .filter((conversation) => conversation.record.workspaceId === workspaceId)
        .map((conversation) => conversation.sessionId),
    authorized: (call) => withFreshToken(identity, call),
  });

  const snapshot = (): HostSnapshot => {
    const summaries = conversations.list().map((conversation) => conversation.summary);
    return {
      appVersion: deps.appVersion,
      shell: deps.shell,
      platform: process.platform,
      identity: identity.snapshot,
      runtime: runtimeBadge(summaries, health.services),
      conversations: summaries,
      settings: settings.value,
      model: { name: stack.model, demo: stack.demoModel },
    };
  };
  const diagnostics = async (): Promise<Diagnostics> => {
    const [services] = await Promise.all([
      health.check(),
      ...conversations.list().map((conversation) => conversation.learnSandbox()),
    ]);
    return {
      appVersion: deps.appVersion,
      nodeVersion: process.version,
      platform: `${process.platform} ${process.arch}`,
      home: stack.home,
      services,
      runtimes: conversations.list().map((conversation) => ({
        sessionId: conversation.sessionId,
        pid: conversation.runtime?.pid ?? null,
        state: conversation.summary.runtime,
        restarts: conversation.restarts,
        version: conversation.runtime?.version ?? null,
        sandbox: conversation.view.sandbox,
      })),
      recentErrors: errors.items,
    };
  };

  const handlers = createHostCalls({
    conversations,
    identity,
    history,
    settings,
    trustedFolders,
    secrets,
    policy: createPolicyAdmin({
      policies: createServiceClient<PolicyPaths>(stack.services.policy ?? 'https://policy.invalid/v1', {
        getToken: () => identity.accessToken(),
        fetch: trusted,
      }),
      authorized: (call) => withFreshToken(identity, call),
    }),
    snapshot,
    diagnostics,
    changed,
    showSignInPage: deps.showSignInPage,
    ...(deps.chooseFolder === undefined ? {} : { chooseFolder: deps.chooseFolder }),
  });
  await identity.start();
  await conversations.start();
  health.start();

  return {
    call: (name, params) => answer(handlers, name, params, onError),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: async () => {
      health.stop();
      await conversations.stop();
      identity.stop();
      announcer.stop();
      listeners.clear();
    },
  };
}

async function answer(
  handlers: HostHandlers,
  name: unknown,
  params: unknown,
  onError: (source: string, error: unknown) => void,
): Promise<HostReply> {
  try {
    if (!isCallName(name)) {
      throw new StewardError('INVALID_REQUEST', `There is no call ${String(name).slice(0, 100)}. Reload the window.`);
    }
    const handler = handlers[name] as (checked: unknown) => Promise<never>;
    return { ok: true, result: await handler(checkCallParams(name, params)) };
  } catch (error) {
    if (!(error instanceof StewardError)) onError(String(name).slice(0, 100), error);
    return { ok: false, error: toHostError(error) };
  }
}

/** A token may be revoked before it expires: one answer 401 is met with a fresh one, a second is passed on. */
async function withFreshToken<T>(identity: Identity, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof StewardError && error.code === 'UNAUTHORIZED')) throw error;
    await identity.accessToken({ force: true });
    return call();
  }
}

function commandOf(command: readonly string[], nodeProgram: string | undefined): readonly string[] {
  return command[0] === 'node' && nodeProgram !== undefined ? [nodeProgram, ...command.slice(1)] : command;
}
