import type { ConversationMessage, Decision, PolicyBundle, TokenUsage } from '@steward/contracts';
import { decide } from '@steward/policy-engine';
import type { BundleState } from '@steward/policy-engine';
import { StewardError, timestampOf, toErrorBody } from '@steward/sdk';
import type { ChunkBuffer } from '../events/chunk-buffer.ts';
import { ModelError } from '../model/model-error.ts';
import type { ModelAnswer, Scheduler } from '../ports.ts';
import type { SessionStore } from '../session/session-store.ts';
import type { TaskState } from '../session/session-state.ts';
import { summaryShare } from '../thread/context-summary.ts';
import { fromWireName } from '../thread/wire-tools.ts';
import type { GatePlace, ToolGateDeps } from './gate-types.ts';
import { pauseUnlessUsable } from './pause.ts';
import type { RequestFrame } from './request-frame.ts';
import { summariseContext } from './summarise-context.ts';
import type { SummariseDeps } from './summarise-context.ts';

/** What asking needs. */
export interface AskModelDeps extends SummariseDeps {
  readonly scheduler: Scheduler;
  /** Messages that no longer fit are summed up. */
  readonly summaries: boolean;
  /** From 0 up to 1; for the jitter of pauses. */
  random(): number;
  frame(): RequestFrame;
  policy: ToolGateDeps['policy'];
  textChunks(messageId: string, place: GatePlace): ChunkBuffer;
}

const tries = 3;
const firstPauseMs = 500;

/** A task can't go on for a reason that waiting does not change. */
export class TaskFailure extends StewardError {
  readonly reason: string;

  constructor(code: StewardError['code'], message: string, reason: string, details: Record<string, unknown> = {}) {
    super(code, message, { details });
    this.name = 'TaskFailure';
    this.reason = reason;
  }
}

/**
 * One model call: pre-flight, request, answer as a complete message. A broken answer is discarded and asked for again,
 * three times at most with growing pauses; then the ModelError is thrown and nothing of it is in the thread.
 */
export async function askModel(
  deps: AskModelDeps,
  task: TaskState,
  place: GatePlace,
  signal: AbortSignal,
): Promise<ConversationMessage> {
  const { store, clock, scheduler, modelName } = deps;
  for (let attempt = 1; ; attempt += 1) {
    const { body, estimatedTokens } = await prepareRequest(deps, task, place, signal);
    const messageId = deps.newId('msg');
    const chunks = deps.textChunks(messageId, place);
    store.emit('llm_request_started', { model: modelName, attempt, estimatedInputTokens: estimatedTokens }, place);
    const started = clock.monotonicMs();
    const durationMs = (): number => Math.round(clock.monotonicMs() - started);
    try {
      const answer = await deps.model.stream(body, { signal, onText: (text) => chunks.push(text) });
      chunks.flush();
      return complete(deps, answer, { messageId, estimatedTokens, place, durationMs: durationMs() });
    } catch (error) {
      chunks.drop();
      if (signal.aborted) throw error;
      const again = error instanceof ModelError && error.failure === 'try_again' && attempt < tries;
      const pauseMs = again ? pauseBefore(attempt, error.retryAfterMs, deps.random()) : undefined;
      store.emit(
        'llm_request_completed',
        {
          model: modelName,
          durationMs: durationMs(),
          error: toErrorBody(error),
          ...(pauseMs === undefined ? {} : { willRetryInMs: pauseMs }),
        },
        place,
      );
      if (pauseMs === undefined) throw error;
      await wait(scheduler, pauseMs, signal);
    }
  }
}

/** Pause before the next try in milliseconds: what the gateway asks for, else growing with jitter. Pure. */
export function pauseBefore(attempt: number, retryAfterMs: number | undefined, random: number): number {
  if (retryAfterMs !== undefined) return retryAfterMs;
  return Math.round(firstPauseMs * 2 ** (attempt - 1) * (0.5 + random));
}

/** The request as it may be sent now. When messages no longer fit, they are summed up first where that is wished for. */
async function prepareRequest(
  deps: AskModelDeps,
  task: TaskState,
  place: GatePlace,
  signal: AbortSignal,
): Promise<PreparedRequest> {
  const request = preflight(deps, task);
  if (request.newlyDropped === 0) return request;
  const summarised = deps.summaries && (await summariseContext(deps, task, place, signal));
  deps.store.emit('context_compacted', { droppedMessages: request.dropped, summarised }, place);
  // Policy and budget may have changed while the summary was written.
  return deps.summaries ? preflight(deps, task) : request;
}

interface PreparedRequest {
  readonly body: Uint8Array[];
  readonly estimatedTokens: number;
  readonly dropped: number;
  readonly newlyDropped: number;
}

function preflight(deps: AskModelDeps, task: TaskState): PreparedRequest {
  const { store, thread, clock, modelName } = deps;
  const policy = deps.policy();
  pauseUnlessUsable(policy, 'step');
  const { bundle, state } = policy;
  const decision = modelDecision(bundle, state, modelName, timestampOf(clock));
  if (decision.decision !== 'allow') {
    throw new TaskFailure(
      'CAPABILITY_DENIED',
      decision.explanation ?? `The policy does not allow the model ${modelName}.`,
      'model_not_allowed',
      { reasonCodes: decision.reasonCodes },
    );
  }
  const { maxInputTokens, maxOutputTokens, maxSessionTokens } = bundle.llmPolicy;
  const frame = deps.frame();
  const left = maxSessionTokens - store.state.usage.sessionTokensUsed;
  const summaryTokens = deps.summaries ? summaryShare(maxInputTokens) : 0;
  const wire = thread.wireMessages(task.goalMessageId, maxInputTokens, frame.estimatedTokens, summaryTokens);
  if (wire === undefined) {
    throw new TaskFailure(
      'LLM_BUDGET_EXCEEDED',
      `The prompt alone is larger than the ${maxInputTokens} tokens that the policy allows for one request.`,
      'input_too_large',
      { maxInputTokens },
    );
  }
  if (left <= 0 || wire.estimatedTokens >= left) {
    throw new TaskFailure(
      'LLM_BUDGET_EXCEEDED',
      `The token budget of this conversation (${maxSessionTokens}) is used up.`,
      'session_budget',
      { maxSessionTokens, sessionTokensUsed: store.state.usage.sessionTokensUsed },
    );
  }
  const { estimatedTokens, dropped, newlyDropped } = wire;
  return { body: frame.wrap(wire.pieces, Math.min(maxOutputTokens, left)), estimatedTokens, dropped, newlyDropped };
}

const modelDecisions = new WeakMap<
  PolicyBundle,
  { readonly state: BundleState; readonly model: string; readonly decision: Decision }
>();

/** The decision about a model call, which stays the same as long as the bundle and its age class do. */
function modelDecision(bundle: PolicyBundle, state: BundleState, model: string, now: string): Decision {
  const known = modelDecisions.get(bundle);
  if (known !== undefined && known.state === state && known.model === model) return known.decision;
  const decision = decide(bundle, { toolName: 'LLM.Call', arguments: { model } }, {}, { now, bundleState: state });
  modelDecisions.set(bundle, { state, model, decision });
  return decision;
}

function complete(
  deps: AskModelDeps,
  answer: ModelAnswer,
  {
    messageId,
    estimatedTokens,
    place,
    durationMs,
  }: { messageId: string; estimatedTokens: number; place: GatePlace; durationMs: number },
): ConversationMessage {
  const { store, thread, clock, newId, modelName } = deps;
  // A gateway that does not count is estimated, so that the budget holds nevertheless.
  const inputTokens = answer.usage?.inputTokens ?? estimatedTokens;
  const outputTokens =
    answer.usage?.outputTokens ??
    Math.ceil((answer.text.length + answer.toolCalls.reduce((sum, call) => sum + call.argumentsText.length, 0)) / 4);
  if (answer.usage !== undefined) thread.calibrate(estimatedTokens, inputTokens);
  store.emit(
    'llm_request_completed',
    { model: modelName, inputTokens, outputTokens, finishReason: answer.finishReason, durationMs },
    place,
  );
  if (answer.finishReason === 'content_filter') {
    throw new TaskFailure(
      'LLM_GUARDRAIL_BLOCKED',
      'The model gateway stopped the answer because of its content.',
      'guardrail',
    );
  }
  const tools = deps.frame().tools;
  const toolCalls = answer.toolCalls.map((call) => {
    const { args, invalid } = parseArguments(call.argumentsText);
    return {
      toolCallId: newId('tc'),
      ...(call.id === '' ? {} : { modelCallId: call.id.slice(0, 200) }),
      toolName: fromWireName(call.name.slice(0, 200), tools),
      arguments: args,
      ...(invalid === undefined ? {} : { invalidArguments: invalid }),
    };
  });
  return {
    messageId,
    sessionId: store.sessionId,
    ...place,
    role: 'assistant',
    content: answer.text,
    tokenCount: outputTokens,
    timestamp: timestampOf(clock),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
    provenance: { source: 'model', trust: 'untrusted' },
  };
}

function parseArguments(text: string): { args: Record<string, unknown>; invalid?: string } {
  if (text.trim() === '') return { args: {} };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { args: value as Record<string, unknown> };
  } catch {
    // The model is told by the call's result, and can correct itself.
  }
  return { args: {}, invalid: text };
}

/** Resolves after `ms`; rejects with the signal's reason when aborted. */
export function wait(scheduler: Scheduler, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      stop();
      reject(signal.reason);
    };
    const stop = scheduler.after(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Token use as clients see it. */
export function usageOf(store: SessionStore, maxSessionTokens: number): TokenUsage {
  return { ...store.state.usage, maxSessionTokens };
}
