import type { CancelTaskParams, CancelTaskResult, PauseInfo, StartTaskParams, TaskStatus } from '@steward/contracts';
import { StewardError, timestampOf } from '@steward/sdk';
import type { PauseSignal } from '../loop/pause.ts';
import { addPrompt, beginTask } from './begin-task.ts';
import { summaryOf } from './describe-session.ts';
import { endTask, filesChangedBy } from './end-task.ts';
import type { LiveSessionParts } from './live-session-parts.ts';
import { statusReport } from './service-reports.ts';
import { isRunning } from './session-state.ts';
import type { TaskState } from './session-state.ts';
import { TaskWork } from './task-work.ts';

/** Begins, pauses, resumes, cancels and ends the session's tasks, of which one works at a time. */
export class TaskRunner {
  readonly #parts: LiveSessionParts;
  #work: TaskWork | undefined;
  #settling: Promise<void> | undefined;
  #stage: TaskStatus = 'TASK_RUNNING';

  constructor(parts: LiveSessionParts) {
    this.#parts = parts;
  }

  /** What works at the moment; undefined when nothing does. */
  get work(): TaskWork | undefined {
    return this.#work;
  }

  /** How far the running step is; undefined when nothing works. */
  get stage(): TaskStatus | undefined {
    return this.#work === undefined ? undefined : this.#stage;
  }

  /** A stage of the running step that clients can ask for; it is not worth a record. */
  setStage(stage: TaskStatus): void {
    this.#stage = stage;
  }

  /** Writes down that a task begins and lets it work. Durable after the next `sync`. */
  start(params: StartTaskParams, taskId: string): void {
    const { store } = this.#parts;
    this.#stage = 'TASK_RUNNING';
    beginTask(this.#parts, params, taskId);
    this.#run(store.state.task!);
  }

  /** Cancels the present task; with `force` a running tool is killed after a short grace. */
  async cancel({ taskId, force }: CancelTaskParams): Promise<CancelTaskResult> {
    const { store } = this.#parts;
    const { task } = store.state;
    if (!isRunning(task) || (taskId !== undefined && task.taskId !== taskId)) return { cancelled: false };
    const work = this.#work;
    if (work === undefined) {
      await this.#endUnworked(task);
      await store.sync();
      return { cancelled: true };
    }
    work.cancel('The task was cancelled.');
    if (force === true) work.forceSoon();
    return { cancelled: true };
  }

  /** Goes on with a paused or interrupted task; nothing happens when there is none. */
  async resume(): Promise<void> {
    const { store } = this.#parts;
    const { task } = store.state;
    // Whoever ends a task on which nothing works comes first; its calls are settled once.
    if (this.#settling !== undefined) await this.#settling;
    if (!isRunning(task)) return;
    if (this.#work === undefined) {
      const interruptedTask = summaryOf(store.state, task.taskId, this.stage);
      store.emit('session_resumed', { recovered: true, interruptedTask });
      // A write that was torn right behind the task's start left the task without what was asked.
      if (task.goalMessageId === undefined)
        addPrompt(this.#parts, task.prompt, task.taskId, store.state.tasks.size === 1);
      this.#run(task);
      return;
    }
    if (!this.#work.waits) return;
    if (['policy', 'sign_in', 'services'].includes(store.state.pause?.waitsFor ?? ''))
      await this.#parts.refreshPolicy();
    this.#goOn();
  }

  /** A new prompt while a paused task waits closes that task; a task that works is not disturbed: CONFLICT. */
  async makeRoom(task: TaskState): Promise<void> {
    const { store } = this.#parts;
    if (this.#work?.signal.aborted === true) await this.#work.endedOrPatience();
    if (!isRunning(task)) return;
    const work = this.#work;
    if (work === undefined) return this.#endUnworked(task);
    if (store.state.pause === undefined) {
      throw new StewardError(
        'CONFLICT',
        'A task is already running in this conversation. Wait for its end or cancel it first.',
        { details: { taskId: task.taskId } },
      );
    }
    work.cancel('A new prompt replaced the paused task.');
    await work.ended;
  }

  /** Ends a task on which nothing works, once it is known what became of its calls. Asked twice, it does it once. */
  async #endUnworked(task: TaskState): Promise<void> {
    this.#settling ??= this.#parts.loop.settle(task).finally(() => (this.#settling = undefined));
    await this.#settling;
    if (isRunning(task)) endTask(this.#parts, task, { kind: 'cancelled' }, false);
  }

  #run(task: TaskState): void {
    const work = new TaskWork(this.#parts.host.scheduler);
    const { signal, force } = work;
    const control = { signal, force, pause: (reason: PauseSignal) => this.#pause(reason, work) };
    this.#work = work;
    work.ended = this.#parts.loop.run(task, control).then(async (end) => {
      const files = end.kind === 'completed' ? await filesChangedBy(this.#parts, task) : [];
      if (end.kind === 'cancelled' || end.kind === 'failed') await this.#parts.loop.settle(task);
      // From here on another task may begin, so this one ends in the same turn.
      this.#work = undefined;
      if (end.kind !== 'stopped') endTask(this.#parts, task, end, force.aborted, files);
      await this.#parts.store.sync().catch(() => undefined);
    });
  }

  #goOn(): void {
    const { store, outbox, selfResume } = this.#parts;
    selfResume.end();
    const go = this.#work?.takeGo();
    if (go === undefined) return;
    store.emit('session_resumed', {});
    outbox.add(statusReport(store.sessionId, 'SESSION_RUNNING'));
    outbox.kick();
    go();
  }

  #pause(signalled: PauseSignal, work: TaskWork): Promise<void> {
    const { store, outbox, host, selfResume, policy } = this.#parts;
    const reason = selfResume.explain(signalled);
    const pause: PauseInfo = {
      code: reason.code,
      message: reason.message,
      since: timestampOf(host.clock),
      waitsFor: reason.waitsFor,
    };
    if (signalled.waitsFor === 'policy') store.emit('policy_expired', { policy: policy.status() });
    store.emit('session_paused', pause);
    outbox.add(statusReport(store.sessionId, 'SESSION_PAUSED'));
    return work.pause(
      () => selfResume.begin(reason, () => this.#goOn()),
      () => selfResume.end(),
    );
  }
}
