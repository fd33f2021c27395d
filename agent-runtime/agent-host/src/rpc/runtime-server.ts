import type {
  ConversationMessage,
  CreateSessionParams,
  GetEventsParams,
  GetEventsResult,
  GetMessagesParams,
  GetMessagesResult,
  InitializeParams,
  InitializeResult,
  RpcRequests,
  SessionEvent,
} from '@steward/contracts';
import { methods } from '@steward/contracts';
import { JsonRpcPeer, StewardError, assertValid, canonicalJson } from '@steward/sdk';
import type { Transport } from '@steward/sdk';
import { EventFeed } from '../events/event-feed.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { HostDeps } from '../session/session-deps.ts';
import { SessionOpener } from '../session/session-opener.ts';
import { pageStart } from './page-start.ts';
import { paramsValidators } from './params-validators.ts';

const defaultEvents = 500;
const defaultMessages = 100;
const messagesAtOnce = 32;
const longestPageChars = 2 * 1024 * 1024;

interface Opened {
  readonly live: LiveSession;
  readonly result: object;
}

interface Connection {
  readonly peer: JsonRpcPeer;
  readonly transport: Transport;
  initialized: boolean;
  greeted: boolean;
  feed: EventFeed | undefined;
}

/**
 * The JSON-RPC face of the runtime. Serves any number of connections to the one session of this process; each gets
 * every event in order. No method reads files or runs commands past the tool gate.
 */
export class RuntimeServer {
  readonly #host: HostDeps;
  readonly #opener: SessionOpener;
  readonly #connections = new Set<Connection>();
  readonly #onShutdown: () => void;
  #live: LiveSession | undefined;
  #opening: Promise<unknown> | undefined;
  #ending: Promise<void> | undefined;
  /** The parameters of the live session's creation, for a repeated call. */
  #createdBy: { params: string; result: object } | undefined;

  constructor(host: HostDeps, onShutdown: () => void) {
    this.#host = host;
    this.#onShutdown = onShutdown;
    this.#opener = new SessionOpener(host, () => [...this.#connections].every(({ feed }) => feed?.isBackedUp === true));
  }

  /** Serves one more client. `onClose` is called when its connection ends. */
  connect(transport: Transport, onClose: () => void = () => undefined): void {
    const peer = new JsonRpcPeer<RpcRequests>(transport, {
      guard: (method) => {
        if (method === 'initialize' || method === 'initialized' || connection.initialized) return;
        throw new StewardError(
          'PROTOCOL_NOT_INITIALIZED',
          `${method.slice(0, 100)} was called before the connection was initialized. Send initialize, then initialized.`,
        );
      },
      onError: (error) =>
        this.#host.log('warn', 'A message could not be handled.', {
          reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
        }),
    });
    const connection: Connection = { peer, transport, initialized: false, greeted: false, feed: undefined };
    this.#connections.add(connection);
    this.#register(connection);
    peer.onClose(() => {
      connection.feed?.stop();
      this.#connections.delete(connection);
      onClose();
    });
    peer.start();
  }

  /** Stops the session in order; its journal stays. */
  async stop(): Promise<void> {
    await this.#ending?.catch(() => undefined);
    await this.#opening?.catch(() => undefined);
    await this.#live?.stop();
    this.#live = undefined;
    this.#host.model.close();
    this.#host.backend.close();
  }

  #register(connection: Connection): void {
    const handle = <M extends keyof RpcRequests & string>(
      method: M,
      handler: (params: RpcRequests[M]['params']) => Promise<RpcRequests[M]['result']> | RpcRequests[M]['result'],
    ): void => {
      connection.peer.handle(
        method,
        (params: unknown) => handler(assertValid(paramsValidators[method], params, `${method} params`)) as never,
      );
    };
    handle('initialize', (params) => this.#initialize(connection, params));
    connection.peer.onNotification('initialized', () => {
      if (!connection.greeted) return;
      connection.initialized = true;
      this.#follow(connection);
    });
    handle('SetCredentials', ({ accessToken }) => {
      this.#host.backend.setAccessToken(accessToken);
      this.#live?.lookAgain();
      return {};
    });
    handle('CreateSession', (params) => this.#create(params));
    handle('ResumeSession', (params) => this.#resume(params));
    handle('SetSecrets', ({ secrets }) => {
      this.#host.namedSecrets.replace(secrets);
      return {};
    });
    handle('SetFolderTrust', (params) => this.#session(params.sessionId).setFolderTrust(params));
    handle('StartTask', (params) => this.#session(params.sessionId).startTask(params));
    handle('CancelTask', (params) => this.#session(params.sessionId).cancelTask(params));
    handle('GetSessionState', ({ sessionId }) => this.#session(sessionId).describe());
    handle('GetPatchPreview', ({ sessionId, taskId }) => this.#session(sessionId).patchPreview(taskId));
    handle('RevertFile', (params) => this.#session(params.sessionId).revert(params));
    handle('AcceptPatch', async ({ sessionId, taskId }) => {
      await this.#session(sessionId).acceptPatch(taskId);
      return {};
    });
    handle('GetCheckpoints', (params) => this.#session(params.sessionId).checkpoints(params));
    handle('GetRewindPlan', ({ sessionId, checkpointId }) => this.#session(sessionId).rewindPlan(checkpointId));
    handle('Rewind', (params) => this.#session(params.sessionId).rewind(params));
    handle('ApproveAction', (params) => this.#session(params.sessionId).approve(params));
    handle('GetEvents', (params) => this.#events(params));
    handle('GetMessages', (params) => this.#messages(params));
    handle('Shutdown', ({ completeSession }) => this.#shutdown(completeSession === true));
  }

  #initialize(connection: Connection, { protocolVersion, credentials }: InitializeParams): InitializeResult {
    const supported = [methods.protocolVersion];
    if (credentials !== undefined) {
      this.#host.backend.setAccessToken(credentials.accessToken);
      // By the time a session is asked for, the connection to its service is open.
      this.#host.backend.warmUp();
    }
    this.#host.model.warmUp?.();
    connection.greeted = true;
    return {
      // A client of another version learns what is spoken here and decides.
      protocolVersion: supported.includes(protocolVersion as 1) ? (protocolVersion as 1) : methods.protocolVersion,
      runtimeInfo: { name: 'steward-agent-runtime', version: this.#host.settings.runtimeVersion },
      supportedProtocolVersions: supported,
      capabilities: { replay: true, resume: true },
      tools: [...this.#host.builtInTools],
    };
  }

  async #create(params: CreateSessionParams): Promise<never> {
    const key = canonicalJson(params);
    const { live } = await this.#openOnce(async () => {
      const opened = await this.#opener.create(params);
      this.#createdBy = { params: key, result: opened.result };
      return opened;
    });
    if (this.#createdBy?.params !== key) throw isTaken(live);
    return this.#createdBy.result as never;
  }

  async #resume(params: RpcRequests['ResumeSession']['params']): Promise<never> {
    const { live, result } = await this.#openOnce(() => this.#opener.resume(params));
    if (result !== undefined) return result as never;
    if (live.sessionId !== params.sessionId) throw isTaken(live);
    if (params.folderTrusted !== undefined) live.takeFolderTrust(params.folderTrusted);
    if (params.continueTask !== false) await live.resume();
    await live.store.sync();
    return live.opening() as never;
  }

  /** The session of this process: opened by the first call, which gets its result, or by the next one where that failed. */
  async #openOnce(open: () => Promise<Opened>): Promise<{ live: LiveSession; result?: object }> {
    while (this.#opening !== undefined) await this.#opening.catch(() => undefined);
    if (this.#live !== undefined) return { live: this.#live };
    const opening = open();
    this.#opening = opening;
    try {
      const opened = await opening;
      this.#live = opened.live;
      for (const connection of this.#connections) if (connection.initialized) this.#follow(connection);
      return opened;
    } finally {
      this.#opening = undefined;
    }
  }

  /** What happened since the opening for those who were there, from now on for those who come later; GetEvents has the rest. */
  #follow(connection: Connection): void {
    const live = this.#live;
    if (live === undefined || connection.feed !== undefined) return;
    const { state, openedAtSeq } = live.store;
    connection.feed = new EventFeed(
      connection.transport,
      live.store,
      (this.#opening === undefined ? state.lastSeq : openedAtSeq) + 1,
    );
  }

  #events({ sessionId, fromSeq, limit = defaultEvents }: GetEventsParams): GetEventsResult {
    const { store } = this.#session(sessionId);
    const { lastSeq } = store.state;
    const events: SessionEvent[] = [];
    if (fromSeq < store.firstSeq) events.push(gapUntil(store.sessionId, fromSeq, store.firstSeq, this.#host));
    for (const json of store.readShownEvents(fromSeq, limit)) events.push(JSON.parse(json) as SessionEvent);
    const next = (events.at(-1)?.seq ?? lastSeq) + 1;
    return { events, lastSeq, ...(next <= lastSeq ? { nextFromSeq: Math.max(next, store.firstSeq) } : {}) };
  }

  #messages({ sessionId, cursor, limit = defaultMessages }: GetMessagesParams): GetMessagesResult {
    const { store } = this.#session(sessionId);
    const { length } = store.state.messages;
    const start = pageStart('GetMessages', cursor);
    const items: ConversationMessage[] = [];
    // A page stays well below one frame, however long its messages are.
    for (let chars = 0; items.length < limit && (items.length === 0 || chars < longestPageChars);) {
      const next = start + items.length;
      const found = store.messages(next, Math.min(next + messagesAtOnce, start + limit));
      if (found.length === 0) break;
      for (const message of found) {
        if (items.length > 0 && chars >= longestPageChars) break;
        items.push(store.shown(message));
        chars += message.content.length;
      }
    }
    const end = start + items.length;
    return { items, ...(end < length ? { nextCursor: String(end) } : {}) };
  }

  /** A repeated request joins the end that is under way. */
  async #shutdown(complete: boolean): Promise<Record<string, never>> {
    await (this.#ending ??= this.#end(complete));
    // The answer leaves before the process does.
    setImmediate(() => this.#onShutdown());
    return {};
  }

  async #end(complete: boolean): Promise<void> {
    await this.#opening?.catch(() => undefined);
    const live = this.#live;
    try {
      if (complete) await live?.complete();
      else await live?.stop();
      this.#live = undefined;
    } finally {
      this.#ending = undefined;
    }
  }

  #session(sessionId: string | undefined): LiveSession {
    if (this.#live !== undefined && (sessionId === undefined || this.#live.sessionId === sessionId)) return this.#live;
    throw new StewardError(
      'SESSION_NOT_FOUND',
      `This runtime serves no conversation ${sessionId ?? ''}. Create or resume it first.`,
    );
  }
}

function isTaken({ sessionId }: LiveSession): StewardError {
  return new StewardError(
    'CONFLICT',
    `This runtime already serves the conversation ${sessionId}. Start another runtime for another conversation.`,
  );
}

function gapUntil(sessionId: string, fromSeq: number, reloadFromSeq: number, host: HostDeps): SessionEvent {
  return {
    eventId: host.newId('evt'),
    sessionId,
    seq: fromSeq,
    eventType: 'stream_gap',
    timestamp: host.clock.now().toISOString(),
    payload: { reloadFromSeq },
  };
}
