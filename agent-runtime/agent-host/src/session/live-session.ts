import type {
  ApproveActionParams,
  ApproveActionResult,
  CancelTaskParams,
  CancelTaskResult,
  CreateSessionResult,
  GetCheckpointsParams,
  GetCheckpointsResult,
  PatchFile,
  PatchPreview,
  PauseInfo,
  RevertFileParams,
  RevertFileResult,
  RewindParams,
  RewindPlan,
  RewindResult,
  SandboxState,
  SessionState as SessionStateResult,
  SessionStatus,
  SetFolderTrustParams,
  SetFolderTrustResult,
  StartTaskParams,
  StartTaskResult,
  TaskStatus,
  TaskSummary,
  UnknownEffect,
} from '@steward/contracts';
import { StewardError, canonicalJson, timestampOf } from '@steward/sdk';
import type { ApprovalDesk } from '../approval/approval-desk.ts';
import { StopSignal } from '../loop/stop-signal.ts';
import type { AgentLoop, LoopEnd } from '../loop/agent-loop.ts';
import type { PauseSignal } from '../loop/pause.ts';
import type { Telemetry } from '../outbox/telemetry.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { historyPath } from '../outbox/outbox.ts';
import type { ToolRouter } from '../ports.ts';
import type { Thread } from '../thread/thread.ts';
import { Rewinder } from '../rewind/rewinder.ts';
import { closeOpenCalls } from './close-open-calls.ts';
import type { RemoteToolset } from './remote-toolset.ts';
import type { PolicyHolder } from './policy-holder.ts';
import type { PolicyWatcher } from './policy-watcher.ts';
import type { SelfResume } from './self-resume.ts';
import type { HostDeps } from './session-deps.ts';
import type { SessionLease } from './session-lease.ts';
import type { SessionStore } from './session-store.ts';
import { statusReport, taskReport } from './service-reports.ts';
import { sessionStatusOf } from './session-status.ts';
import { hasEnded, isRunning } from './session-state.ts';
import type { TaskState } from './session-state.ts';
import type { WakeWatch } from './wake-watch.ts';

/** What becomes of a session's files when its process lets go of it. */
export type Release = 'keep' | 'ended' | 'remove';

/** The parts of a session, made by `assemble-session.ts`. */
export interface LiveSessionParts {
  readonly host: HostDeps;
  readonly store: SessionStore;
  readonly thread: Thread;
  readonly policy: PolicyHolder;
  readonly desk: ApprovalDesk;
  readonly outbox: Outbox;
  readonly loop: AgentLoop;
  readonly tools: ToolRouter;
  readonly remoteTools: RemoteToolset;
  readonly telemetry: Telemetry;
  readonly watcher: PolicyWatcher;
  readonly selfResume: SelfResume;
  readonly wakeWatch: WakeWatch;
  readonly lease: SessionLease;
  /** Fetches a fresh policy; never rejects. */
  refreshPolicy(): Promise<void>;
  /** Makes what the first model request needs. Throws JournalUnavailableError. */
  prepare(): void;
  /** Marks the session's files as ones that only wait to be sent. Throws JournalUnavailableError. */
  announceEnd(): void;
  /** Gives up the session's files: kept to be resumed, kept to be sent later, or removed. */
  release(how: Release): void;
}

interface Work {
  readonly cancel: AbortController;
  readonly force: AbortController;
  ended: Promise<void>;
  resume: (() => void) | undefined;
}

interface FileChange {
  readonly path: string;
  readonly status: string;
  readonly additions: number;
  readonly deletions: number;
}

const changeOf = ({ path, status, additions, deletions }: PatchFile): FileChange => ({
  path,
  status,
  additions,
  deletions,
});

const defaultMaxSteps = 40;
const forceGraceMs = 2_000;
const stopGraceMs = 3_000;
const drainMs = 15_000;

/** One session in one process: starts, pauses, resumes and ends its tasks. Owns everything in its parts. */
export class LiveSession {
  readonly #parts: LiveSessionParts;
  #work: Work | undefined;
  #stage: TaskStatus = 'TASK_RUNNING';
  #closed = false;
  #releasedAs: Release = 'keep';
  #turn: Promise<void> = Promise.resolve();
  #sandbox: SandboxState | undefined;
  readonly #rewinder: Rewinder;

  constructor(parts: LiveSessionParts) {
    this.#parts = parts;
    this.#rewinder = new Rewinder(parts);
  }

  get store(): SessionStore {
    return this.#parts.store;
  }

  get sessionId(): string {
    return this.#parts.store.sessionId;
  }

  get outbox(): Outbox {
    return this.#parts.outbox;
  }

  /** Finds out how commands are walled in, for `describe`. Never rejects. */
  async learnSandbox(): Promise<void> {
    if (this.#closed) return;
    const { tools, host } = this.#parts;
    try {
      this.#sandbox = await tools.sandboxState();
    } catch (error) {
      host.log('warn', 'It could not be found out how commands are walled in.', { reason: String(error) });
    }
  }

  /** Makes what the first model request needs, so that it finds it. Never throws; what fails is met by that request. */
  prepare(): void {
    if (this.#closed) return;
    try {
      this.#parts.prepare();
    } catch (error) {
      this.#parts.host.log('warn', 'The conversation could not be read back ahead of time.', { reason: String(error) });
    }
  }

  /** Connects to the servers of the bundle; what is not offered is said as an event. Never rejects. */
  connectRemoteTools(): Promise<void> {
    return this.#parts.remoteTools.connect();
  }

  /** A stage of the running step that clients can ask for; it is not worth a record. */
  setStage(stage: TaskStatus): void {
    this.#stage = stage;
  }

  /** Accepts a task and returns at once; its end arrives as an event. Idempotent by `taskId`. */
  startTask(params: StartTaskParams): Promise<StartTaskResult> {
    return this.#inTurn(() => this.#startTask(params));
  }

  async #startTask(params: StartTaskParams): Promise<StartTaskResult> {
    const { store, host } = this.#parts;
    const { state } = store;
    if (state.ended || this.#closed)
      throw new StewardError('CONFLICT', 'This conversation has ended. Continue it from History.');
    const { taskId } = params;
    if (taskId !== undefined && state.tasks.has(taskId)) {
      if (state.task?.taskId === taskId && isRunning(state.task)) await this.resume();
      return { task: this.#summary(taskId), accepted: false };
    }
    if (isRunning(state.task)) await this.#makeRoom(state.task);
    // A disk that takes nothing is met before anything is announced.
    await store.sync();
    this.#announce(params, taskId ?? host.newId('task'));
    this.#run(state.task!);
    await store.sync();
    return { task: this.#summary(state.task!.taskId), accepted: true };
  }

  /** Cancels the present task; with `force` a running tool is killed after a short grace. */
  async cancelTask({ taskId, force }: CancelTaskParams): Promise<CancelTaskResult> {
    const { store, host } = this.#parts;
    const { task } = store.state;
    if (!isRunning(task) || (taskId !== undefined && task.taskId !== taskId)) return { cancelled: false };
    const work = this.#work;
    if (work === undefined) {
      await this.#parts.loop.settle(task);
      if (isRunning(task) && this.#work === undefined) this.#finish(task, { kind: 'cancelled' }, false);
      await store.sync();
      return { cancelled: true };
    }
    work.cancel.abort(new Error('The task was cancelled.'));
    if (force === true)
      host.scheduler.after(forceGraceMs, () => work.force.abort(new Error('The task was cancelled by force.')));
    return { cancelled: true };
  }

  /** Goes on with a paused or interrupted task; nothing happens when there is none. */
  async resume(): Promise<void> {
    const { store } = this.#parts;
    const { task } = store.state;
    if (!isRunning(task)) return;
    if (this.#work === undefined) {
      store.emit('session_resumed', { recovered: true, interruptedTask: this.#summary(task.taskId) });
      // A write that was torn right behind the task's start left the task without what was asked.
      if (task.goalMessageId === undefined)
        this.#announcePrompt(task.prompt, task.taskId, store.state.tasks.size === 1);
      this.#run(task);
      return;
    }
    const go = this.#work.resume;
    if (go === undefined) return;
    if (['policy', 'sign_in', 'services'].includes(store.state.pause?.waitsFor ?? ''))
      await this.#parts.refreshPolicy();
    this.#goOn();
  }

  /** Fresh credentials, a network or a machine that woke: what waits for them is looked at now. */
  lookAgain(): void {
    this.#parts.outbox.kick();
    this.#parts.selfResume.look();
  }

  /** Takes over what the person decided about the project folder; without one there is nothing to trust. */
  takeFolderTrust(trusted: boolean): boolean {
    const { store, tools } = this.#parts;
    const { state } = store;
    const changed = state.facts?.projectDir !== undefined && trusted !== state.folderTrusted;
    if (changed) store.emit('folder_trust_changed', { trusted });
    tools.trustFolder(state.folderTrusted);
    return changed;
  }

  /** The same from a client: on the disk when it answers. A second call with the same answer changes nothing. */
  async setFolderTrust({ trusted }: SetFolderTrustParams): Promise<SetFolderTrustResult> {
    const { store } = this.#parts;
    if (store.state.facts?.projectDir === undefined)
      throw new StewardError('CONFLICT', 'This conversation has no project folder, so there is none to trust.');
    if (store.state.ended || this.#closed)
      throw new StewardError('CONFLICT', 'This conversation has ended. Continue it from History.');
    const changed = this.takeFolderTrust(trusted);
    if (changed) await store.sync();
    return { trusted, changed };
  }

  async approve(params: ApproveActionParams): Promise<ApproveActionResult> {
    return this.#parts.desk.answer(params);
  }

  describe(): SessionStateResult {
    const { store, policy, desk, outbox } = this.#parts;
    const { state } = store;
    const workspaceId = state.facts?.workspaceId;
    return {
      sessionId: store.sessionId,
      ...(workspaceId === undefined ? {} : { workspaceId }),
      sessionStatus: this.status(),
      task: state.task === undefined ? null : this.#summary(state.task.taskId),
      pendingApprovals: desk.pending(),
      usage: { ...state.usage, maxSessionTokens: policy.bundle.llmPolicy.maxSessionTokens },
      lastSeq: state.lastSeq,
      policy: policy.status(),
      ...(state.pause === undefined ? {} : { pause: state.pause }),
      outbox: outbox.state(),
      ...(this.#sandbox === undefined ? {} : { sandbox: this.#sandbox }),
      ...(state.facts?.projectDir === undefined ? {} : { folderTrusted: state.folderTrusted }),
    };
  }

  /** The answer to CreateSession and ResumeSession. */
  opening(
    extras: { unknownEffects?: UnknownEffect[]; warnings?: string[]; interruptedTask?: TaskSummary } = {},
  ): CreateSessionResult {
    const { store, policy } = this.#parts;
    const facts = store.state.facts!;
    const { interruptedTask, unknownEffects, warnings } = extras;
    return {
      sessionId: store.sessionId,
      workspaceId: facts.workspaceId,
      sessionStatus: this.status(),
      policy: policy.status(),
      featureFlags: facts.featureFlags,
      model: facts.model,
      demoModel: facts.demoModel,
      lastSeq: store.state.lastSeq,
      messages: store.state.messages.length,
      ...(interruptedTask === undefined ? {} : { interruptedTask }),
      ...(unknownEffects === undefined || unknownEffects.length === 0 ? {} : { unknownEffects }),
      ...(warnings === undefined || warnings.length === 0 ? {} : { warnings }),
    };
  }

  status(): SessionStatus {
    return sessionStatusOf(this.#parts.store.state, this.#work === undefined ? undefined : this.#stage);
  }

  async patchPreview(taskId = this.#parts.store.state.task?.taskId): Promise<PatchPreview> {
    if (taskId === undefined) return { taskId: null, files: [] };
    return { taskId, files: await this.#parts.tools.patch.preview(taskId) };
  }

  revert(params: RevertFileParams): Promise<RevertFileResult> {
    return this.#inTurn(() => this.#revert(params));
  }

  async #revert({
    taskId = this.#parts.store.state.task?.taskId,
    path,
    force,
  }: RevertFileParams): Promise<RevertFileResult> {
    const { store, tools } = this.#parts;
    if (taskId === undefined) return { reverted: [], refused: [] };
    if (isRunning(store.state.task) && store.state.pause === undefined) {
      throw new StewardError('CONFLICT', 'A task is still running. Wait for its end or cancel it, then revert.');
    }
    const before = await tools.patch.preview(taskId);
    const result = await tools.patch.revert(taskId, path, force);
    const files = await tools.patch.preview(taskId);
    // A repeated call changes nothing, so there is nothing to tell the other clients.
    if (canonicalJson(files) === canonicalJson(before)) return result;
    store.emit('patch_updated', { files: files.map(changeOf) }, { taskId });
    await store.sync();
    return result;
  }

  async acceptPatch(taskId = this.#parts.store.state.task?.taskId): Promise<void> {
    const { store, tools } = this.#parts;
    if (taskId === undefined || store.state.acceptedTasks.has(taskId)) return;
    tools.patch.accept(taskId);
    store.record('ended', { acceptedTaskId: taskId });
    store.emit('patch_updated', { files: [] }, { taskId });
    await store.sync();
  }

  /** The places to return to, newest first. */
  checkpoints(params: GetCheckpointsParams): GetCheckpointsResult {
    return this.#rewinder.checkpoints(params);
  }

  /** What a return would do and what it could not undo. */
  rewindPlan(checkpointId: string): Promise<RewindPlan> {
    return this.#rewinder.plan(checkpointId);
  }

  /** Returns the conversation and its files to a checkpoint; a paused task ends with it, a working one refuses. */
  rewind(params: RewindParams): Promise<RewindResult> {
    return this.#inTurn(() => this.#rewind(params));
  }

  async #rewind(params: RewindParams): Promise<RewindResult> {
    const { store, outbox } = this.#parts;
    const { task } = store.state;
    if (isRunning(task) && this.#work !== undefined && store.state.pause === undefined)
      throw new StewardError('CONFLICT', 'A task is still running. Wait for its end or cancel it, then go back.');
    const result = await this.#rewinder.rewind(params, async () => {
      if (isRunning(task)) await this.#makeRoom(task);
    });
    if (task !== undefined) outbox.add({ service: 'workspace', method: 'POST', path: historyPath, body: task.taskId });
    await store.sync();
    outbox.kick();
    return result;
  }

  /** Finishes what was begun before the process ended: a return, or the report of a task's end to the services. */
  async finishBegun(): Promise<void> {
    const { state } = this.#parts.store;
    if (state.rewinding !== undefined) await this.#rewinder.finish();
    // A write that was torn right behind the end left the services with a task that runs.
    const { task } = state;
    if (task !== undefined && hasEnded(task) && state.reportedTask !== task.taskId) this.#reportEnd(task);
  }

  /** Ends the session: task cancelled, history uploaded, journal removed once nothing waits to be sent. */
  async complete(): Promise<void> {
    const { store, outbox, host } = this.#parts;
    // A repeated call whose first one could not let go of the files has nothing else left to do.
    if (this.#closed) return this.#parts.release(this.#releasedAs);
    if (isRunning(store.state.task)) {
      await this.cancelTask({ sessionId: this.sessionId, force: true });
      await this.#work?.ended;
    }
    // Whoever finds the files knows from here on that this conversation is to be sent and not to be resumed.
    this.#parts.announceEnd();
    if (!store.state.ended) {
      outbox.add({ service: 'session', method: 'POST', path: `/sessions/${this.sessionId}/complete` });
      store.emit('session_completed', {});
    }
    await store.sync();
    const sent = await outbox.drain(drainMs);
    if (!sent)
      host.log('warn', 'Something still waits to be sent; the journal stays until it was.', {
        waiting: outbox.state().waiting,
      });
    await this.#close(sent ? 'remove' : 'ended');
  }

  /** Stops without ending anything: the journal stays and the task can be resumed. */
  async stop(): Promise<void> {
    const work = this.#work;
    if (work !== undefined) {
      work.cancel.abort(new StopSignal());
      const stopTimer = this.#parts.host.scheduler.after(stopGraceMs, () => work.force.abort(new StopSignal()));
      await work.ended;
      stopTimer();
    }
    await this.#close('keep');
  }

  /** One after the other: the same request twice at the same time must find what the first one did. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(action);
    this.#turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  #announce({ prompt, taskOptions }: StartTaskParams, taskId: string): void {
    const { store } = this.#parts;
    const maxSteps = taskOptions?.maxSteps ?? defaultMaxSteps;
    const first = store.state.task === undefined;
    this.#stage = 'TASK_RUNNING';
    store.emit('task_started', { prompt, maxSteps, ...(taskOptions === undefined ? {} : { taskOptions }) }, { taskId });
    this.#announcePrompt(prompt, taskId, first);
  }

  #announcePrompt(prompt: string, taskId: string, first: boolean): void {
    const { store, outbox, host } = this.#parts;
    store.emit('user_message', { messageId: host.newId('msg'), content: prompt }, { taskId });
    this.#parts.thread.add(store.state.messages.block.at(-1)!);
    const title = first ? store.state.title?.text : undefined;
    outbox.add(statusReport(this.sessionId, 'SESSION_RUNNING', title));
    outbox.add(taskReport(this.sessionId, store.state.task!));
  }

  #run(task: TaskState): void {
    const cancel = new AbortController();
    const force = new AbortController();
    const control = {
      signal: cancel.signal,
      force: force.signal,
      pause: (reason: PauseSignal) => this.#pause(reason, cancel.signal),
    };
    const work: Work = { cancel, force, ended: Promise.resolve(), resume: undefined };
    this.#work = work;
    work.ended = this.#parts.loop.run(task, control).then(async (end) => {
      const files = end.kind === 'completed' ? await this.#filesChanged(task) : [];
      if (end.kind === 'cancelled' || end.kind === 'failed') await this.#parts.loop.settle(task);
      // From here on another task may begin, so this one ends in the same turn.
      this.#work = undefined;
      if (end.kind !== 'stopped') this.#finish(task, end, force.signal.aborted, files);
      await this.#parts.store.sync().catch(() => undefined);
    });
  }

  #goOn(): void {
    const { store, outbox, selfResume } = this.#parts;
    const go = this.#work?.resume;
    selfResume.end();
    if (this.#work === undefined || go === undefined) return;
    this.#work.resume = undefined;
    store.emit('session_resumed', {});
    outbox.add(statusReport(this.sessionId, 'SESSION_RUNNING'));
    outbox.kick();
    go();
  }

  #pause(signalled: PauseSignal, signal: AbortSignal): Promise<void> {
    const { store, outbox, host, selfResume } = this.#parts;
    const reason = selfResume.explain(signalled);
    const pause: PauseInfo = {
      code: reason.code,
      message: reason.message,
      since: timestampOf(host.clock),
      waitsFor: reason.waitsFor,
    };
    if (signalled.waitsFor === 'policy') store.emit('policy_expired', { policy: this.#parts.policy.status() });
    store.emit('session_paused', pause);
    outbox.add(statusReport(this.sessionId, 'SESSION_PAUSED'));
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        selfResume.end();
        reject(signal.reason);
      };
      const goOn = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      if (this.#work !== undefined) this.#work.resume = goOn;
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) return onAbort();
      selfResume.begin(reason, () => this.#goOn());
    });
  }

  /** A new prompt while a paused task waits closes that task; a task that works is not disturbed. */
  async #makeRoom(task: TaskState): Promise<void> {
    const { store } = this.#parts;
    if (this.#work?.cancel.signal.aborted === true) await this.#endOf(this.#work);
    if (!isRunning(task)) return;
    if (this.#work !== undefined && store.state.pause === undefined) {
      throw new StewardError(
        'CONFLICT',
        'A task is already running in this conversation. Wait for its end or cancel it first.',
        { details: { taskId: task.taskId } },
      );
    }
    const work = this.#work;
    if (work === undefined) {
      await this.#parts.loop.settle(task);
      if (isRunning(task)) this.#finish(task, { kind: 'cancelled' }, false);
    } else {
      work.cancel.abort(new Error('A new prompt replaced the paused task.'));
      await work.ended;
    }
  }

  /** A task that was cancelled ends soon unless a tool still runs; resolves then, or after a short wait. */
  async #endOf(work: Work): Promise<void> {
    let stop = (): void => undefined;
    const patience = new Promise<void>((resolve) => {
      stop = this.#parts.host.scheduler.after(forceGraceMs, resolve);
    });
    await Promise.race([work.ended, patience]);
    stop();
  }

  /** What the task changed, as far as the tools can tell. */
  async #filesChanged({ taskId }: TaskState): Promise<FileChange[]> {
    const { tools, host } = this.#parts;
    try {
      return (await tools.patch.preview(taskId)).map(changeOf);
    } catch (error) {
      host.log('warn', 'The changed files could not be listed.', { taskId, reason: String(error) });
      return [];
    }
  }

  #finish(
    task: TaskState,
    end: Exclude<LoopEnd, { kind: 'stopped' }>,
    forced: boolean,
    filesChanged: FileChange[] = [],
  ): void {
    const { store, host } = this.#parts;
    const place = { taskId: task.taskId };
    this.#parts.desk.cancelTask(task.taskId);
    closeOpenCalls({ store, thread: this.#parts.thread, clock: host.clock, newId: host.newId }, task);
    const durationMs = Math.max(0, host.clock.now().getTime() - Date.parse(task.startedAt));
    if (end.kind === 'completed')
      store.emit('task_completed', { stepCount: task.stepCount, durationMs, filesChanged }, place);
    else if (end.kind === 'cancelled') store.emit('task_cancelled', { stepCount: task.stepCount, forced }, place);
    else store.emit('task_failed', { error: end.error, reason: end.reason, stepCount: task.stepCount }, place);
    this.#reportEnd(task);
  }

  /** The record of the task comes last: where the journal holds it, nothing of the report is missing. */
  #reportEnd(task: TaskState): void {
    const { store, outbox } = this.#parts;
    const workspaceId = store.state.facts?.workspaceId ?? '';
    if (workspaceId !== '') outbox.add({ service: 'workspace', method: 'POST', path: historyPath, body: task.taskId });
    outbox.add(taskReport(this.sessionId, task));
  }

  #summary(taskId: string): TaskSummary {
    const { tasks, task } = this.#parts.store.state;
    if (task?.taskId === taskId) {
      const status = isRunning(task) && this.#work !== undefined ? this.#stage : task.status;
      return { taskId, status, stepCount: task.stepCount, maxSteps: task.maxSteps, prompt: task.prompt };
    }
    const known = tasks.get(taskId);
    return { taskId, status: known?.status ?? 'IDLE', stepCount: known?.stepCount ?? 0, maxSteps: defaultMaxSteps };
  }

  async #close(how: Release): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { desk, outbox, tools, store, telemetry, watcher, selfResume, wakeWatch, lease } = this.#parts;
    watcher.stop();
    wakeWatch.stop();
    selfResume.end();
    desk.dispose();
    outbox.dispose();
    await Promise.all([tools.dispose(), telemetry.dispose(), lease.stop(how === 'keep')]);
    await store.close();
    this.#releasedAs = how;
    this.#parts.release(how);
  }
}
