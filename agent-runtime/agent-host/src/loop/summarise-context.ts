import { timestampOf, toErrorBody } from '@steward/sdk';
import type { Clock, NewId } from '@steward/sdk';
import type { Log, Model, ModelAnswer } from '../ports.ts';
import type { TaskState } from '../session/session-state.ts';
import type { SessionStore } from '../session/session-store.ts';
import { cut, summaryRequest, summaryShare } from '../thread/context-summary.ts';
import type { Thread } from '../thread/thread.ts';
import type { GatePlace, ToolGateDeps } from './gate-types.ts';

/** What summing up needs. */
export interface SummariseDeps {
  readonly store: SessionStore;
  readonly thread: Thread;
  readonly model: Model;
  readonly modelName: string;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  policy: ToolGateDeps['policy'];
  redact(text: string): string;
}

/** The envelope around a summary, in bytes. */
const envelopeBytes = 400;

/**
 * Asks the model once for a summary of what the thread's present window leaves out, writes it down and makes the thread
 * use it. The caller has just checked that the policy allows the model. False when there is no summary, for whatever
 * reason; the markers stay then. Rejects only when the signal is aborted.
 */
export async function summariseContext(
  deps: SummariseDeps,
  task: TaskState,
  place: GatePlace,
  signal: AbortSignal,
): Promise<boolean> {
  const { store, thread, clock, modelName } = deps;
  const { maxInputTokens, maxOutputTokens, maxSessionTokens } = deps.policy().bundle.llmPolicy;
  const share = summaryShare(maxInputTokens);
  const material = share === 0 ? undefined : thread.summaryMaterial();
  if (material === undefined) return false;
  const left = maxSessionTokens - store.state.usage.sessionTokensUsed;
  const maxTokens = Math.min(maxInputTokens, left);
  const request = summaryRequest(modelName, material, {
    maxBytes: Math.floor((maxTokens * 4) / thread.tokensPerEstimate),
    maxOutputTokens: Math.min(maxOutputTokens, share, left),
  });
  const estimatedTokens = Math.ceil(request.estimatedTokens * thread.tokensPerEstimate);
  if (estimatedTokens > maxInputTokens || estimatedTokens + share >= left) return false;
  store.emit('llm_request_started', { model: modelName, attempt: 1, estimatedInputTokens: estimatedTokens }, place);
  const started = clock.monotonicMs();
  const durationMs = (): number => Math.round(clock.monotonicMs() - started);
  try {
    const answer = await deps.model.stream([request.body], { signal, onText: () => undefined });
    store.emit(
      'llm_request_completed',
      { model: modelName, ...tokensOf(answer, estimatedTokens), durationMs: durationMs() },
      place,
    );
    // Redacted before it is cut, so that no half of a secret is left over.
    const text = cut(deps.redact(answer.text).trim(), share * 4 - envelopeBytes);
    // A summary that the gateway stopped, or one that was meant as a call, says nothing reliable.
    if (text === '' || answer.finishReason === 'content_filter' || answer.toolCalls.length > 0) return false;
    const summary = { summaryId: deps.newId('msg'), text, ...material.covers };
    store.record('summary', summary);
    thread.useSummary(summary);
    return true;
  } catch (error) {
    if (signal.aborted) throw error;
    store.emit(
      'llm_request_completed',
      { model: modelName, durationMs: durationMs(), error: toErrorBody(error) },
      place,
    );
    deps.log('warn', 'Earlier messages could not be summed up; they are left out instead.', {
      taskId: task.taskId,
      at: timestampOf(clock),
      code: toErrorBody(error).code,
    });
    return false;
  }
}

/** Tokens of an answer; a gateway that does not count is estimated, so that the budget holds nevertheless. Pure. */
function tokensOf(answer: ModelAnswer, estimatedTokens: number): { inputTokens: number; outputTokens: number } {
  const { inputTokens = estimatedTokens, outputTokens = Math.ceil(answer.text.length / 4) } = answer.usage ?? {};
  return { inputTokens, outputTokens };
}
