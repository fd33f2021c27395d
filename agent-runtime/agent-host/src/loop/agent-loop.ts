import type { ConversationMessage, ErrorBody } from '@steward/contracts';
import { toErrorBody } from '@steward/sdk';
import { ModelError } from '../model/model-error.ts';
import type { Log } from '../ports.ts';
import type { SessionStore } from '../session/session-store.ts';
import type { TaskState } from '../session/session-state.ts';
import type { Thread } from '../thread/thread.ts';
import { TaskFailure, askModel, usageOf } from './ask-model.ts';
import type { AskModelDeps } from './ask-model.ts';
import type { GatePlace, ToolGateDeps } from './gate-types.ts';
import { pauseFor } from './pause.ts';
import type { PauseSignal } from './pause.ts';
import { StopSignal } from './stop-signal.ts';
import type { ToolGate } from './tool-gate.ts';

/** What the loop needs. */
export interface AgentLoopDeps {
  readonly store: SessionStore;
  readonly thread: Thread;
  readonly gate: ToolGate;
  readonly ask: AskModelDeps;
  readonly log: Log;
  policy: ToolGateDeps['policy'];
  /** Makes the policy fresh where it is about to expire; never rejects. */
  refreshPolicy(): Promise<void>;
  onStage(stage: 'WAITING_FOR_LLM' | 'PROCESSING_RESPONSE'): void;
}

/** The hands of whoever started the task on the running loop. */
export interface LoopControl {
  /** Aborted on cancel; with `StopSignal` as its reason on an orderly stop that leaves the task to be resumed. */
  readonly signal: AbortSignal;
  readonly force: AbortSignal;
  /** Tells everybody what is waited for and resolves when the work may go on; rejects when the signal is aborted. */
  pause(reason: PauseSignal): Promise<void>;
}

/** How a run of the loop ended. */
export type LoopEnd =
  | { readonly kind: 'completed' }
  | { readonly kind: 'failed'; readonly error: ErrorBody; readonly reason: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'stopped' };

/**
 * Step, repeat, stop. The loop keeps no state of its own: where it is, is read from the thread and the open step of
 * the journal's state, so that the same code begins a task, goes on after a pause and goes on after a crash.
 */
export class AgentLoop {
  readonly #deps: AgentLoopDeps;

  constructor(deps: AgentLoopDeps) {
    this.#deps = deps;
  }

  /** Works on the session's present task until it ends. Never rejects. */
  async run(task: TaskState, control: LoopControl): Promise<LoopEnd> {
    for (;;) {
      try {
        await this.#work(task, control);
        return { kind: 'completed' };
      } catch (error) {
        if (control.signal.aborted)
          return { kind: control.signal.reason instanceof StopSignal ? 'stopped' : 'cancelled' };
        const pause = pauseFor(error);
        if (pause === undefined) return this.#failed(error);
        try {
          await control.pause(pause);
        } catch {
          return { kind: control.signal.reason instanceof StopSignal ? 'stopped' : 'cancelled' };
        }
      }
    }
  }

  /**
   * Says in the thread what became of the calls of a task that ends before its step does: done, failed or unknown. Runs
   * nothing. Never rejects.
   */
  async settle(task: TaskState): Promise<void> {
    const { store, gate, log } = this.#deps;
    const answer = store.state.messages.block.find(
      ({ role, taskId }) => role === 'assistant' && taskId === task.taskId,
    );
    if (answer?.stepId === undefined) return;
    const place: GatePlace = { taskId: task.taskId, stepId: answer.stepId };
    const { signal } = new AbortController();
    try {
      const context = { ...place, task, signal, force: signal };
      for (const message of await gate.recover(this.#callsWithoutResult(answer), context))
        this.#addMessage(message, place);
    } catch (error) {
      log('error', 'It could not be found out what became of the calls of a task.', { reason: String(error) });
    }
  }

  /** Returns when the task is completed; throws what prevents it. */
  async #work(task: TaskState, { signal, force }: LoopControl): Promise<void> {
    const { store, gate } = this.#deps;
    for (;;) {
      signal.throwIfAborted();
      if (this.#isDone(task)) return;
      const step = task.openStep ?? this.#beginStep(task);
      const place: GatePlace = { taskId: task.taskId, stepId: step.stepId };
      const answer = this.#answerOf(step.stepId) ?? (await this.#ask(task, place, signal));
      const open = this.#callsWithoutResult(answer);
      if (open.length > 0) {
        for (const message of await gate.run(open, { ...place, task, signal, force })) this.#addMessage(message, place);
      }
      await store.sync();
      store.emit(
        'step_completed',
        { stepNumber: step.number, usage: usageOf(store, this.#deps.policy().bundle.llmPolicy.maxSessionTokens) },
        place,
      );
      await store.compactIfLarge();
    }
  }

  /** True when the last answer needs nothing more: it was completed, called no tool and was not cut off. */
  #isDone(task: TaskState): boolean {
    const last = this.#deps.store.state.messages.block.at(-1);
    return (
      task.openStep === undefined &&
      last?.role === 'assistant' &&
      last.taskId === task.taskId &&
      (last.toolCalls ?? []).length === 0 &&
      task.finishReason !== 'length'
    );
  }

  #beginStep(task: TaskState): { stepId: string; number: number } {
    const { store } = this.#deps;
    const { maxSteps } = task;
    const number = task.stepCount + 1;
    if (number > maxSteps) {
      throw new TaskFailure(
        'INTERNAL_ERROR',
        `The task did not end within ${maxSteps} steps. Start it again with more steps, or ask for less at once.`,
        'max_steps_exceeded',
        { maxSteps },
      );
    }
    const place = { taskId: task.taskId, stepId: this.#deps.ask.newId('step') };
    store.emit('step_started', { stepNumber: number, maxSteps }, place);
    if (number === Math.ceil(maxSteps * 0.8) && number < maxSteps)
      store.emit('step_limit_approaching', { stepNumber: number, maxSteps }, place);
    return { stepId: place.stepId, number };
  }

  async #ask(task: TaskState, place: GatePlace, signal: AbortSignal): Promise<ConversationMessage> {
    const { store } = this.#deps;
    if (store.failure !== undefined) await store.sync();
    await this.#deps.refreshPolicy();
    this.#deps.onStage('WAITING_FOR_LLM');
    const answer = await askModel(this.#deps.ask, task, place, signal);
    this.#deps.onStage('PROCESSING_RESPONSE');
    this.#addMessage(answer, place);
    return answer;
  }

  #answerOf(stepId: string): ConversationMessage | undefined {
    return this.#deps.store.state.messages.block.find(
      (message) => message.role === 'assistant' && message.stepId === stepId,
    );
  }

  #callsWithoutResult(answer: ConversationMessage): NonNullable<ConversationMessage['toolCalls']> {
    const calls = answer.toolCalls ?? [];
    if (calls.length === 0) return [];
    const done = new Set(this.#deps.store.state.messages.block.map(({ toolCallId }) => toolCallId));
    return calls.filter(({ toolCallId }) => !done.has(toolCallId));
  }

  #addMessage(message: ConversationMessage, place: GatePlace): void {
    this.#deps.store.emit('message_completed', { message }, place);
    this.#deps.thread.add(message);
  }

  #failed(error: unknown): LoopEnd {
    if (error instanceof TaskFailure) return { kind: 'failed', error: toErrorBody(error), reason: error.reason };
    if (error instanceof ModelError) return { kind: 'failed', error: toErrorBody(error), reason: 'guardrail' };
    this.#deps.log('error', 'The agent loop failed unexpectedly.', {
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return { kind: 'failed', error: toErrorBody(error), reason: 'unexpected' };
  }
}
