import type { Decision, DecisionSummary, Grant, ToolCallRequest } from '@steward/contracts';
import { decideUnderGrant } from '@steward/policy-engine';
import { StewardError, timestampOf, toErrorBody } from '@steward/sdk';
import type { EffectIntent, EffectOutcome, ToolOutcome } from '@steward/tool-port';
import { handOn } from '../grants/hand-on.ts';
import { taskGrant } from '../grants/task-grant.ts';
import { needsIntent } from './call-judge.ts';
import type { Admitted } from './call-judge.ts';
import type { GateContext, ToolGateDeps } from './gate-types.ts';
import { pauseFor, pauseUnlessUsable } from './pause.ts';
import { refusalOf } from './refusal.ts';
import { StopSignal } from './stop-signal.ts';
import { wallsFor } from './walls.ts';

const shownOutputChars = 16_000;

/** What had a secret taken out of it, or lies where a person had to let it be read, is secret for all that follows. */
function provenanceOf(
  { provenance, status }: ToolOutcome,
  shown: string | undefined,
  { decision, approved }: Admitted,
): Pick<ToolOutcome, 'provenance'> {
  if (provenance === undefined || provenance.trust === 'trusted') return {};
  const guarded = approved && decision.normalizedAction.capability === 'File.Read' && status === 'succeeded';
  return guarded || shown?.includes('[redacted: ') === true ? { provenance: { ...provenance, trust: 'secret' } } : {};
}

/** The tool ended because it was told to, not because it was done. */
function isCutShort({ error }: ToolOutcome): boolean {
  return error?.details?.['cancelled'] === true;
}

interface Ended {
  readonly outcome: ToolOutcome;
  readonly summary?: DecisionSummary;
}

/** Stages 4 to 6 of the tool gate: record the intent, execute, record the outcome; and what is known from before. */
export class CallRunner {
  readonly #deps: ToolGateDeps;

  constructor(deps: ToolGateDeps) {
    this.#deps = deps;
  }

  /**
   * Runs an admitted call. Resolves with its outcome, whatever it is; rejects only when nothing may run now. On an
   * orderly stop a call that had not begun, or that the stop cut short, stays without an outcome: nobody cancelled it, so
   * the next runtime runs it, or says that its effect is unknown.
   */
  async run(call: ToolCallRequest, admitted: Admitted, context: GateContext): Promise<Ended> {
    const { request, summary } = admitted;
    if (context.signal.reason instanceof StopSignal) throw context.signal.reason;
    if (context.signal.aborted)
      return this.#finish(
        call,
        context,
        this.#failed(call, context, 'CONFLICT', 'The task was cancelled before this call began.'),
        summary,
      );
    const refused = await this.#decideAgain(admitted, context);
    if (refused !== undefined)
      return this.#finish(call, context, this.#refused(call, context, refused), {
        ...summary,
        decision: refused.decision,
        reasonCodes: refused.reasonCodes,
        ...(refused.explanation === undefined ? {} : { explanation: refused.explanation }),
      });
    let intent: EffectIntent | undefined;
    if (needsIntent(call.toolName)) {
      try {
        intent = await this.#deps.tools.prepare(request);
      } catch (error) {
        return this.#finish(call, context, this.#failedBy(call, context, error), summary);
      }
      await this.#recordIntent(request, intent, context);
    }
    const outcome = await this.#execute(call, admitted, context, intent);
    if (context.signal.reason instanceof StopSignal && (intent === undefined || isCutShort(outcome))) {
      if (intent !== undefined && outcome.error?.details?.['begun'] === false)
        this.#recordNotDone(request, intent, context);
      throw context.signal.reason;
    }
    if (intent !== undefined) await this.#recordOutcome(call, intent, outcome, context);
    return this.#finish(call, context, outcome, summary);
  }

  /** The outcome of a call that was begun by a process that is gone; undefined when it may be run. */
  async recover(call: ToolCallRequest, context: GateContext): Promise<Ended | undefined> {
    const { store, tools } = this.#deps;
    const known = store.state.outcomes.get(call.toolCallId);
    if (known !== undefined)
      return store.state.told.has(call.toolCallId) ? { outcome: known } : this.#finish(call, context, known);
    const effect = store.state.effects.get(call.toolCallId);
    if (effect === undefined || effect.proof === 'not_done') return undefined;
    const proof = await tools.reconcile(effect.intent).catch((): EffectOutcome => 'unknown');
    if (proof === 'not_done') {
      store.record('intent', { ...effect, proof });
      return undefined;
    }
    const outcome = proof === 'done' ? this.#provedDone(call, context) : this.#unknown(call, context);
    store.record('outcome', { toolCallId: call.toolCallId, proof, result: outcome });
    tools.patch.record(context.taskId, effect.intent, proof);
    return this.#finish(call, context, outcome);
  }

  /**
   * Between the admission and this moment an admin may have tightened the policy; an approval does not stand against
   * that. @returns the decision that refuses the call now
   */
  async #decideAgain(
    { request, facts, approved, judgedBy, decision }: Admitted,
    { task }: GateContext,
  ): Promise<Decision | undefined> {
    await this.#deps.policySettled?.();
    const policy = this.#deps.policy();
    pauseUnlessUsable(policy, 'call');
    if (policy.bundle === judgedBy && policy.state === 'active') return undefined;
    const grant = this.#grantOf(task);
    const action = { toolName: request.toolName, arguments: request.arguments };
    const again = decideUnderGrant(policy.bundle, grant, action, facts, {
      now: timestampOf(this.#deps.clock),
      bundleState: policy.state,
      taskOptions: task.options,
    });
    const stands = again.actionDigest === decision.actionDigest;
    if (again.decision === 'allow' || (again.decision === 'require_approval' && approved && stands)) return undefined;
    return again;
  }

  #grantOf(task: GateContext['task']): Grant {
    const { store } = this.#deps;
    return taskGrant({
      bundleJws: store.state.bundleJws,
      sessionId: store.sessionId,
      taskId: task.taskId,
      startedAt: task.startedAt,
      options: task.options,
    });
  }

  #refused(call: ToolCallRequest, { taskId, stepId }: GateContext, decision: Decision): ToolOutcome {
    const { code, message, details } = refusalOf(decision, this.#deps.policy().bundle);
    return {
      toolName: call.toolName,
      sessionId: this.#deps.store.sessionId,
      taskId,
      stepId,
      status: 'denied',
      error: { code, message, details },
    };
  }

  /** Stage 4. */
  async #recordIntent(
    request: Admitted['request'],
    intent: EffectIntent,
    { taskId, stepId }: GateContext,
  ): Promise<void> {
    const { store } = this.#deps;
    const { toolCallId, toolName, actionDigest } = request;
    store.record('intent', { toolCallId, taskId, stepId, toolName, actionDigest, intent });
    try {
      await store.sync();
    } catch (error) {
      this.#recordNotDone(request, intent, { taskId, stepId });
      throw error;
    }
  }

  /** Nothing ran: say so, or the next resume would have to call the effect unknown. */
  #recordNotDone(
    { toolCallId, toolName, actionDigest }: Admitted['request'],
    intent: EffectIntent,
    { taskId, stepId }: Pick<GateContext, 'taskId' | 'stepId'>,
  ): void {
    this.#deps.store.record('intent', {
      toolCallId,
      taskId,
      stepId,
      toolName,
      actionDigest,
      intent,
      proof: 'not_done',
    });
  }

  /** Stage 5. */
  async #execute(
    call: ToolCallRequest,
    admitted: Admitted,
    context: GateContext,
    intent: EffectIntent | undefined,
  ): Promise<ToolOutcome> {
    const { tools, clock, redact } = this.#deps;
    const { bundle, state } = this.#deps.policy();
    const walls = wallsFor({
      ...admitted,
      bundle,
      bundleState: state,
      taskOptions: context.task.options,
      now: () => clock.now().toISOString(),
    });
    const chunks = this.#deps.outputChunks(call.toolCallId, { taskId: context.taskId, stepId: context.stepId });
    const started = clock.monotonicMs();
    try {
      const outcome = await tools.execute(admitted.request, {
        signal: context.signal,
        force: context.force,
        onOutput: (text) => chunks.push(text),
        findSecrets: (text) => this.#deps.findSecrets(text),
        walls,
        handOn: (toolName, validMs) =>
          handOn({
            bundleJws: this.#deps.store.state.bundleJws,
            grant: this.#grantOf(context.task),
            taskId: context.taskId,
            toolName,
            now: clock.now(),
            validMs,
          }),
        ...(intent === undefined ? {} : { intent }),
      });
      chunks.flush();
      const durationMs = outcome.durationMs ?? Math.round(clock.monotonicMs() - started);
      const outputText = outcome.outputText === undefined ? undefined : redact(outcome.outputText);
      return {
        ...outcome,
        durationMs,
        ...(outputText === undefined ? {} : { outputText }),
        ...provenanceOf(outcome, outputText, admitted),
      };
    } catch (error) {
      chunks.flush();
      return this.#failedBy(call, context, error);
    }
  }

  /** Stage 6. The outcome stays in memory when the disk fails, and the loop pauses at the end of the step. */
  async #recordOutcome(
    call: ToolCallRequest,
    intent: EffectIntent,
    outcome: ToolOutcome,
    { taskId, stepId }: GateContext,
  ): Promise<void> {
    const { store, tools } = this.#deps;
    const proof: EffectOutcome =
      outcome.status === 'succeeded' ? 'done' : await tools.reconcile(intent).catch(() => 'unknown');
    const { diff: _diff, ...result } = outcome;
    store.record('outcome', { toolCallId: call.toolCallId, proof, result });
    tools.patch.record(taskId, intent, proof);
    if (outcome.diff === undefined) return;
    const files = await tools.patch.preview(taskId);
    store.emit(
      'patch_updated',
      { files: files.map(({ path, status, additions, deletions }) => ({ path, status, additions, deletions })) },
      { taskId, stepId },
    );
  }

  #finish(
    call: ToolCallRequest,
    { taskId, stepId }: GateContext,
    outcome: ToolOutcome,
    summary?: DecisionSummary,
  ): Ended {
    const { status, outputText, durationMs, exitCode, artifactUris, error, provenance, diff } = outcome;
    // What is told holds the whole outcome unless it is long; then the rest must be kept beside it.
    if ((outputText?.length ?? 0) > shownOutputChars && !this.#deps.store.state.outcomes.has(call.toolCallId))
      this.#deps.store.record('outcome', { toolCallId: call.toolCallId, proof: 'done', result: outcome });
    this.#deps.store.emit(
      'tool_completed',
      {
        toolCallId: call.toolCallId,
        toolName: call.toolName,
        status,
        ...(outputText === undefined ? {} : { outputText: outputText.slice(0, shownOutputChars) }),
        ...(durationMs === undefined ? {} : { durationMs }),
        ...(exitCode === undefined ? {} : { exitCode }),
        ...(artifactUris === undefined ? {} : { artifactUris }),
        ...(error === undefined ? {} : { error }),
        ...(summary === undefined ? {} : { decision: summary }),
        ...(provenance === undefined ? {} : { provenance }),
        ...(diff === undefined ? {} : { diff }),
      },
      { taskId, stepId },
    );
    return { outcome, ...(summary === undefined ? {} : { summary }) };
  }

  #failedBy(call: ToolCallRequest, context: GateContext, error: unknown): ToolOutcome {
    const pause = pauseFor(error);
    if (pause !== undefined) throw pause;
    if (!(error instanceof StewardError))
      this.#deps.log('error', 'A tool failed unexpectedly.', { toolName: call.toolName, reason: String(error) });
    const { code, message, details } =
      error instanceof StewardError
        ? toErrorBody(error)
        : { code: 'TOOL_EXECUTION_FAILED' as const, message: 'The tool failed unexpectedly.', details: {} };
    return { ...this.#failed(call, context, code, message), error: { code, message, details } };
  }

  #failed(
    call: ToolCallRequest,
    { taskId, stepId }: GateContext,
    code: 'CONFLICT' | ReturnType<typeof toErrorBody>['code'],
    message: string,
  ): ToolOutcome {
    return {
      toolName: call.toolName,
      sessionId: this.#deps.store.sessionId,
      taskId,
      stepId,
      status: 'failed',
      error: { code, message },
    };
  }

  #provedDone(call: ToolCallRequest, { taskId, stepId }: GateContext): ToolOutcome {
    const outputText =
      'The work was interrupted while this call ran. The file now holds exactly what the call was to write, so it is done; it was not run again.';
    return {
      toolName: call.toolName,
      sessionId: this.#deps.store.sessionId,
      taskId,
      stepId,
      status: 'succeeded',
      outputText,
    };
  }

  #unknown(call: ToolCallRequest, context: GateContext): ToolOutcome {
    const { store } = this.#deps;
    const description = `The work was interrupted while ${call.toolName} ran, and whether it took effect can't be proved.`;
    store.emit(
      'effect_unknown',
      { toolCallId: call.toolCallId, toolName: call.toolName, description },
      { taskId: context.taskId, stepId: context.stepId },
    );
    return this.#failed(
      call,
      context,
      'TOOL_EXECUTION_FAILED',
      `${description} It was not run again. Look at the present state before you decide what to do.`,
    );
  }
}
