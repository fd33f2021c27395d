import type { CreateSessionResult, GetEventsResult, RpcRequests, SessionEvent, SessionState } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import type { Conversation } from '../contract/bridge.ts';
import type { RuntimeProcess } from '../runtime/runtime-process.ts';
import type { ConversationRecord } from './conversation-registry.ts';
import { applyEvent, initialView } from './conversation-view.ts';
import type { ConversationView } from './conversation-view.ts';
import { EventFeed } from './event-feed.ts';
import type { EventLog } from './event-log.ts';

/** Methods of the runtime that name the session in their params. */
type SessionMethod = Exclude<
  keyof RpcRequests,
  'initialize' | 'SetCredentials' | 'SetSecrets' | 'CreateSession' | 'ResumeSession' | 'Shutdown'
> &
  string;

/** What {@link LiveConversation} needs. */
export interface LiveConversationDeps {
  readonly record: ConversationRecord;
  readonly log: EventLog;
  /** ISO time. */
  readonly now: () => string;
  readonly onEvent: (event: SessionEvent) => void;
  /** Something that the frame shows has changed. */
  readonly onChange: () => void;
  /** The record's own facts (title, model) have changed and should be kept. */
  readonly onRecord: (record: ConversationRecord) => void;
}

const sandboxTimeoutMs = 2_000;

/**
 * One open conversation: its facts, its present as its events tell it, and at most one runtime process.
 * Owns the event log and the runtime it was given.
 */
export class LiveConversation {
  readonly #deps: LiveConversationDeps;
  readonly #feed: EventFeed;
  #record: ConversationRecord;
  #view: ConversationView;
  #runtime: RuntimeProcess | undefined;
  #runtimeState: Conversation['runtime'] = 'stopped';
  #interruption: Conversation['interruption'] = null;
  #restarts = 0;

  constructor(deps: LiveConversationDeps) {
    this.#deps = deps;
    this.#record = deps.record;
    this.#view = initialView(deps.record.model, deps.record.demoModel);
    this.#feed = new EventFeed({
      log: deps.log,
      fetch: (fromSeq) => this.#attached().request('GetEvents', { sessionId: this.sessionId, fromSeq, limit: 500 }),
      deliver: (event) => this.#deliver(event),
    });
  }

  get sessionId(): string {
    return this.#record.sessionId;
  }

  get record(): ConversationRecord {
    return this.#record;
  }

  get runtime(): RuntimeProcess | undefined {
    return this.#runtime;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** What the frame shows. */
  get summary(): Conversation {
    const { firstPrompt: _firstPrompt, pendingApprovals, ...view } = this.#view;
    const { userId: _userId, tenantId: _tenantId, ...record } = this.#record;
    return {
      ...record,
      ...view,
      runtime: this.#runtimeState,
      pendingApprovals: pendingApprovals.length,
      lastSeq: this.#deps.log.lastSeq,
      interruption: this.#interruption,
    };
  }

  /** Rebuilds the present from the host's own copy of the events, after a restart of the host. */
  async restore(interruption: string): Promise<void> {
    for (let from: number | undefined = 1; from !== undefined;) {
      const page: GetEventsResult = await this.#deps.log.read(from, 1000);
      for (const event of page.events) this.#view = applyEvent(this.#view, event);
      from = page.nextFromSeq;
    }
    this.#interruption = { message: interruption, since: this.#deps.now() };
  }

  /** A runtime is being started for this conversation; refuses a second one. */
  beginRestart(): void {
    if (this.#runtime !== undefined || this.#runtimeState === 'starting') {
      throw new StewardError('CONFLICT', 'This conversation already has a runtime. Close it first.');
    }
    this.#runtimeState = 'starting';
    this.#restarts += 1;
    this.#deps.onChange();
  }

  /** The start begun by `beginRestart` failed; what had interrupted the conversation still holds. */
  restartFailed(): void {
    this.#runtimeState = 'crashed';
    this.#deps.onChange();
  }

  /** Takes a runtime whose session has just been created or resumed. */
  attach(runtime: RuntimeProcess, result: CreateSessionResult, folderTrusted: boolean | null): void {
    this.#runtime = runtime;
    this.#runtimeState = 'running';
    this.#interruption = null;
    this.#view = {
      ...this.#view,
      status: result.sessionStatus,
      model: result.model,
      demoModel: result.demoModel ?? this.#view.demoModel,
      policy: result.policy,
      folderTrusted,
    };
    runtime.onEvent((event) => {
      if (event.sessionId === this.sessionId) this.#feed.accept(event);
    });
    void runtime.exited.then((exit) => {
      if (this.#runtime !== runtime) return;
      this.#runtime = undefined;
      this.#runtimeState = exit.expected ? 'stopped' : 'crashed';
      this.#interruption = exit.expected ? null : { message: exit.message, since: this.#deps.now() };
      this.#deps.onChange();
    });
    this.#deps.onChange();
  }

  /** Asks this conversation's runtime. Throws a retryable error when the runtime is not running. */
  async request<M extends SessionMethod>(
    method: M,
    params: RpcRequests[M]['params'],
  ): Promise<RpcRequests[M]['result']> {
    return this.#attached().request(method, params);
  }

  /**
   * Events from the runtime, or from the host's own copy while there is none and where the runtime has compacted what
   * the copy still holds.
   */
  async events(fromSeq: number, limit: number): Promise<GetEventsResult> {
    const { log } = this.#deps;
    if (this.#runtime === undefined) return log.read(fromSeq, limit);
    try {
      const page = await this.#runtime.request('GetEvents', { sessionId: this.sessionId, fromSeq, limit });
      const first = page.events.find((event) => event.eventType !== 'stream_gap');
      const compacted = first !== undefined && first.seq > fromSeq && log.eventIdAt(fromSeq) !== undefined;
      return compacted ? await log.read(fromSeq, limit) : page;
    } catch (error) {
      const gone = this.#runtime === undefined || (error instanceof StewardError && error.code === 'SESSION_NOT_FOUND');
      if (!gone) throw error;
      return log.read(fromSeq, limit);
    }
  }

  /** The runtime's own account, or what is known without it. */
  async state(): Promise<SessionState> {
    if (this.#runtime !== undefined) {
      const state = await this.#runtime.request('GetSessionState', { sessionId: this.sessionId });
      this.#reconcile(state);
      return state;
    }
    const { view } = this;
    return {
      sessionId: this.sessionId,
      workspaceId: this.#record.workspaceId,
      sessionStatus: view.status,
      task: view.task,
      pendingApprovals: [],
      usage: view.usage ?? { inputTokens: 0, outputTokens: 0, sessionTokensUsed: 0, maxSessionTokens: 0 },
      lastSeq: this.#deps.log.lastSeq,
      ...(view.policy === null ? {} : { policy: view.policy }),
      ...(view.pause === null ? {} : { pause: view.pause }),
      ...(view.outbox === null ? {} : { outbox: view.outbox }),
    };
  }

  /**
   * Asks the runtime how commands are walled in, unless that is known: events do not tell it, and at its start the
   * runtime has not tried it out yet. Resolves within seconds and never rejects.
   */
  async learnSandbox(): Promise<void> {
    if (this.#view.sandbox !== null || this.#runtime === undefined) return;
    try {
      const { sandbox } = await this.#runtime.request(
        'GetSessionState',
        { sessionId: this.sessionId },
        sandboxTimeoutMs,
      );
      if (sandbox === undefined) return;
      this.#view = { ...this.#view, sandbox };
      this.#deps.onChange();
    } catch {
      // A runtime that does not answer has worse to tell, and its state says it.
    }
  }

  get view(): ConversationView {
    return this.#view;
  }

  /** Ends the runtime in order; with a reason the conversation stays and can be resumed. */
  async stop(options: { completeSession: boolean; interruption?: string }): Promise<void> {
    const runtime = this.#runtime;
    if (runtime !== undefined) await runtime.stop({ completeSession: options.completeSession });
    if (options.interruption !== undefined && this.#interruption === null) {
      this.#interruption = { message: options.interruption, since: this.#deps.now() };
      this.#deps.onChange();
    }
  }

  /** Removes the host's copy of the events; the conversation can't be used afterwards. */
  async dispose(): Promise<void> {
    await this.#deps.log.remove();
  }

  /** Resolves when everything seen so far is written; keeps the copy for the next run. */
  async settle(): Promise<void> {
    await this.#deps.log.close();
  }

  #attached(): RuntimeProcess {
    if (this.#runtime !== undefined) return this.#runtime;
    throw new StewardError(
      'CONFLICT',
      this.#interruption?.message ?? 'The agent runtime of this conversation is not running. Resume it first.',
      { retryable: true },
    );
  }

  #deliver(event: SessionEvent): void {
    const before = this.#view;
    this.#view = applyEvent(before, event);
    const title = this.#view.firstPrompt;
    if (title !== null && before.firstPrompt === null && this.#record.continuedFrom === null) this.#keep({ title });
    if (this.#view.model !== this.#record.model)
      this.#keep({ model: this.#view.model, demoModel: this.#view.demoModel });
    if (event.eventType === 'task_started') void this.learnSandbox();
    this.#deps.onEvent(event);
    if (this.#view !== before) this.#deps.onChange();
  }

  #keep(changes: Partial<ConversationRecord>): void {
    this.#record = { ...this.#record, ...changes };
    this.#deps.onRecord(this.#record);
  }

  /** The runtime's answer is newer than what the events told so far. */
  #reconcile(state: SessionState): void {
    this.#view = {
      ...this.#view,
      status: state.sessionStatus,
      task: state.task ?? null,
      usage: state.usage,
      pause: state.pause ?? null,
      policy: state.policy ?? this.#view.policy,
      outbox: state.outbox ?? this.#view.outbox,
      sandbox: state.sandbox ?? this.#view.sandbox,
      folderTrusted: state.folderTrusted ?? null,
      pendingApprovals: state.pendingApprovals.map((approval) => approval.approvalId),
    };
    this.#deps.onChange();
  }
}
