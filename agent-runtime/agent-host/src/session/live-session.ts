import type {
  ApproveActionParams,
  ApproveActionResult,
  CancelTaskParams,
  CancelTaskResult,
  CreateSessionResult,
  GetCheckpointsParams,
  GetCheckpointsResult,
  PatchPreview,
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
} from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import type { Outbox } from '../outbox/outbox.ts';
import { historyPath } from '../outbox/outbox.ts';
import { Rewinder } from '../rewind/rewinder.ts';
import { describeOpening, describeSession, summaryOf } from './describe-session.ts';
import type { OpeningExtras } from './describe-session.ts';
import { reportEnd } from './end-task.ts';
import type { LiveSessionParts, Release } from './live-session-parts.ts';
import { acceptPatch, previewPatch, revertPatch } from './session-patch.ts';
import type { SessionStore } from './session-store.ts';
import { hasEnded, isRunning } from './session-state.ts';
import { sessionStatusOf } from './session-status.ts';
import { TaskRunner } from './task-runner.ts';
import { Turns } from './turns.ts';

const drainMs = 15_000;

/** One session in one process: starts, pauses, resumes and ends its tasks. Owns everything in its parts. */
export class LiveSession {
  readonly #parts: LiveSessionParts;
  readonly #tasks: TaskRunner;
  readonly #turns = new Turns();
  readonly #rewinder: Rewinder;
  #sandbox: SandboxState | undefined;
  #closed = false;
  #releasedAs: Release = 'keep';

  constructor(parts: LiveSessionParts) {
    this.#parts = parts;
    this.#tasks = new TaskRunner(parts);
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
    this.#tasks.setStage(stage);
  }

  /** Accepts a task and returns at once; its end arrives as an event. Idempotent by `taskId`. */
  startTask(params: StartTaskParams): Promise<StartTaskResult> {
    return this.#turns.take(() => this.#startTask(params));
  }

  async #startTask(params: StartTaskParams): Promise<StartTaskResult> {
    const { store, host } = this.#parts;
    const { state } = store;
    this.#refuseEnded();
    const { taskId } = params;
    if (taskId !== undefined && state.tasks.has(taskId)) {
      if (state.task?.taskId === taskId && isRunning(state.task)) await this.resume();
      return { task: this.#summary(taskId), accepted: false };
    }
    if (isRunning(state.task)) await this.#tasks.makeRoom(state.task);
    // A disk that takes nothing is met before anything is announced.
    await store.sync();
    this.#refuseEnded();
    this.#tasks.start(params, taskId ?? host.newId('task'));
    await store.sync();
    return { task: this.#summary(state.task!.taskId), accepted: true };
  }

  /** Cancels the present task; with `force` a running tool is killed after a short grace. */
  cancelTask(params: CancelTaskParams): Promise<CancelTaskResult> {
    return this.#tasks.cancel(params);
  }

  /** Goes on with a paused or interrupted task; nothing happens when there is none. */
  resume(): Promise<void> {
    return this.#tasks.resume();
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
    return describeSession(this.#parts, this.#tasks.stage, this.#sandbox);
  }

  /** The answer to CreateSession and ResumeSession. */
  opening(extras: OpeningExtras = {}): CreateSessionResult {
    return describeOpening(this.#parts, this.#tasks.stage, extras);
  }

  status(): SessionStatus {
    return sessionStatusOf(this.#parts.store.state, this.#tasks.stage);
  }

  patchPreview(taskId?: string): Promise<PatchPreview> {
    return previewPatch(this.#parts, taskId);
  }

  revert(params: RevertFileParams): Promise<RevertFileResult> {
    return this.#turns.take(() => revertPatch(this.#parts, params));
  }

  acceptPatch(taskId?: string): Promise<void> {
    return acceptPatch(this.#parts, taskId);
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
    return this.#turns.take(() => this.#rewind(params));
  }

  async #rewind(params: RewindParams): Promise<RewindResult> {
    const { store, outbox } = this.#parts;
    const { task } = store.state;
    if (isRunning(task) && this.#tasks.work !== undefined && store.state.pause === undefined)
      throw new StewardError('CONFLICT', 'A task is still running. Wait for its end or cancel it, then go back.');
    const result = await this.#rewinder.rewind(params, async () => {
      if (isRunning(task)) await this.#tasks.makeRoom(task);
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
    if (task !== undefined && hasEnded(task) && state.reportedTask !== task.taskId) reportEnd(this.#parts, task);
  }

  /** Ends the session: task cancelled, history uploaded, journal removed once nothing waits to be sent. */
  async complete(): Promise<void> {
    const { store, outbox, host } = this.#parts;
    // A repeated call whose first one could not let go of the files has nothing else left to do.
    if (this.#closed) return this.#parts.release(this.#releasedAs);
    if (isRunning(store.state.task)) {
      await this.cancelTask({ sessionId: this.sessionId, force: true });
      await this.#tasks.work?.ended;
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
    const { work } = this.#tasks;
    if (work !== undefined) {
      const stopTimer = work.stop();
      await work.ended;
      stopTimer();
    }
    await this.#close('keep');
  }

  /** The end takes no turn, so it is looked for again after each wait. */
  #refuseEnded(): void {
    if (this.#parts.store.state.ended || this.#closed)
      throw new StewardError('CONFLICT', 'This conversation has ended. Continue it from History.');
  }

  #summary(taskId: string): TaskSummary {
    return summaryOf(this.#parts.store.state, taskId, this.#tasks.stage);
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
