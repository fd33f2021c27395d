import type {
  Decision,
  DecisionSummary,
  ErrorCode,
  PendingApproval,
  PolicyBundle,
  PolicyFacts,
  ToolCallRequest,
  ToolRequest,
} from '@steward/contracts';
import { capabilityOf, decideUnderGrant, explainDecision, isReversible, isSideEffect } from '@steward/policy-engine';
import { isErrorCode, timestampOf } from '@steward/sdk';
import type { ToolDescription, ToolOutcome } from '@steward/tool-port';
import { approvalTimeoutMs } from '../approval/approval-desk.ts';
import type { ApprovalOutcome } from '../approval/approval-desk.ts';
import { grantKeyOf } from '../approval/grant-key.ts';
import { taskGrant } from '../grants/task-grant.ts';
import type { Touches } from './call-order.ts';
import type { GateContext, ToolGateDeps } from './gate-types.ts';
import { pauseUnlessUsable } from './pause.ts';
import { recordAction } from './recorded-action.ts';
import { refusalByPerson, refusalOf } from './refusal.ts';
import type { Refusal } from './refusal.ts';

/** A call that may run. */
export interface Admitted {
  readonly request: ToolRequest;
  readonly decision: Decision;
  readonly summary: DecisionSummary;
  readonly facts: PolicyFacts;
  readonly touches: Touches;
  /** A person approved this very action. */
  readonly approved: boolean;
  /** The bundle that was asked. */
  readonly judgedBy: PolicyBundle;
}

/** A call that ended without running. */
export interface EndedCall {
  readonly ended: { readonly outcome: ToolOutcome; readonly summary?: DecisionSummary };
}

/** What a call may do, or the way to find out by asking a person. */
export type Verdict = { readonly admitted: Admitted } | EndedCall;
export type AskingVerdict = Verdict | { readonly ask: () => Promise<Verdict> };

interface Judged {
  readonly args: Record<string, unknown>;
  readonly facts: PolicyFacts;
  readonly decision: Decision;
  readonly judgedBy: PolicyBundle;
}

/** Stages 1 to 3 of the tool gate: decide, approve, decide again. */
export class CallJudge {
  readonly #deps: ToolGateDeps;
  readonly #asking = new Map<string, { judge(): Promise<Judged>; refused?: Decision }>();

  constructor(deps: ToolGateDeps) {
    this.#deps = deps;
  }

  /** Looks again at what waits for a person; what the policy denies by now is answered, since no answer could help. */
  async reconsider(): Promise<void> {
    for (const [approvalId, asking] of [...this.#asking]) {
      const { decision } = await asking.judge();
      if (decision.decision !== 'deny' || !this.#asking.has(approvalId)) continue;
      asking.refused = decision;
      this.#deps.desk.withdraw(approvalId, decision.explanation ?? 'The policy does not allow this action any more.');
    }
  }

  /** Stage 1. Returns at once; what needs a person is left to `ask`. */
  async decide(call: ToolCallRequest, context: GateContext): Promise<AskingVerdict> {
    const { store, tools } = this.#deps;
    const place = { taskId: context.taskId, stepId: context.stepId };
    const valid = this.#validate(call);
    if (!valid.ok) {
      store.emit(
        'tool_requested',
        { toolCallId: call.toolCallId, toolName: call.toolName, arguments: call.arguments },
        place,
      );
      return this.#end(call, context, { code: valid.code, message: valid.message, details: {} });
    }
    await this.#deps.policySettled?.();
    const [judged, description] = await Promise.all([
      this.#judge(call, valid.args, context),
      tools.describe(call.toolName, valid.args),
    ]);
    store.emit(
      'tool_requested',
      { toolCallId: call.toolCallId, toolName: call.toolName, arguments: valid.args, summary: description.summary },
      place,
    );
    pauseUnlessUsable(this.#deps.policy(), 'call');
    const summary = this.#summaryOf(judged.decision);
    const recorded = recordAction(call.toolName, valid.args, judged, context.task.options, this.#deps.redact);
    store.emit('decision_recorded', { toolCallId: call.toolCallId, decision: summary, recorded }, place);
    if (judged.decision.decision === 'deny')
      return this.#end(call, context, refusalOf(judged.decision, judged.judgedBy), summary);
    if (judged.decision.decision === 'allow')
      return { admitted: this.#admit(call, context, judged, description, summary, false) };
    const grant = store.state.grants.get(grantKeyOf(judged.decision));
    if (grant !== undefined && judged.decision.approverRole !== 'approver') {
      const granted: DecisionSummary = {
        ...summary,
        approvalId: grant.approvalId,
        approvedBy: grant.approvedBy,
        outcome: 'granted',
      };
      return { admitted: this.#admit(call, context, judged, description, granted, true) };
    }
    return { ask: () => this.#ask(call, context, judged, description, summary) };
  }

  /** Stages 2 and 3. */
  async #ask(
    call: ToolCallRequest,
    context: GateContext,
    judged: Judged,
    description: ToolDescription,
    summary: DecisionSummary,
  ): Promise<Verdict> {
    const { desk } = this.#deps;
    const { decision } = judged;
    const request =
      desk.find(call.toolCallId, decision.actionDigest)?.request ??
      this.#requestFor(call, context, judged, description);
    const asking: { judge(): Promise<Judged>; refused?: Decision } = {
      judge: () => this.#judge(call, judged.args, context),
    };
    this.#asking.set(request.approvalId, asking);
    const outcome = await desk
      .ask(request, grantKeyOf(decision), context.signal)
      .finally(() => this.#asking.delete(request.approvalId));
    const decided = decidedSummary(summary, outcome);
    if (asking.refused !== undefined)
      return this.#end(call, context, refusalOf(asking.refused, this.#deps.policy().bundle), {
        ...decided,
        ...this.#summaryOf(asking.refused),
      });
    if (outcome.answer !== 'approved') return this.#end(call, context, refusalByPerson(outcome), decided);
    await this.#deps.policySettled?.();
    pauseUnlessUsable(this.#deps.policy(), 'call');
    const again = await this.#judge(call, judged.args, context);
    if (again.decision.decision === 'deny')
      return this.#end(call, context, refusalOf(again.decision, again.judgedBy), {
        ...decided,
        ...this.#summaryOf(again.decision),
      });
    if (again.decision.actionDigest !== request.actionDigest) {
      const message =
        'What this action would touch changed after it was approved, so it did not run. Look again and ask anew.';
      return this.#end(
        call,
        context,
        { code: 'CONFLICT', message, details: { reasonCodes: ['ACTION_CHANGED_AFTER_APPROVAL'] } },
        decided,
      );
    }
    return { admitted: this.#admit(call, context, again, description, decided, true) };
  }

  #validate(
    call: ToolCallRequest,
  ): { ok: true; args: Record<string, unknown> } | { ok: false; code: ErrorCode; message: string } {
    const { tools } = this.#deps;
    if (call.invalidArguments !== undefined)
      return {
        ok: false,
        code: 'INVALID_REQUEST',
        message: 'The arguments are not a JSON object. Send them again as one.',
      };
    const result = tools.validate(call.toolName, call.arguments);
    if (result.ok) return result;
    return {
      ok: false,
      code: isErrorCode(result.error.code) ? result.error.code : 'INVALID_REQUEST',
      message: result.error.message,
    };
  }

  async #judge(call: ToolCallRequest, args: Record<string, unknown>, context: GateContext): Promise<Judged> {
    const { tools, store, clock } = this.#deps;
    const facts: PolicyFacts = {
      ...(await tools.facts(call.toolName, args)),
      untrustedContentRead: store.state.untrustedRead,
      secretContentRead: store.state.secretRead,
    };
    const { bundle, state } = this.#deps.policy();
    const grant = taskGrant({
      bundleJws: store.state.bundleJws,
      sessionId: store.sessionId,
      taskId: context.taskId,
      startedAt: context.task.startedAt,
      options: context.task.options,
    });
    const decision = decideUnderGrant(bundle, grant, { toolName: call.toolName, arguments: args }, facts, {
      now: timestampOf(clock),
      bundleState: state,
      taskOptions: context.task.options,
    });
    return { args, facts, decision, judgedBy: bundle };
  }

  #admit(
    call: ToolCallRequest,
    context: GateContext,
    { args, facts, decision, judgedBy }: Judged,
    description: ToolDescription,
    summary: DecisionSummary,
    approved: boolean,
  ): Admitted {
    const capability = capabilityOf(call.toolName);
    const { path } = decision.normalizedAction;
    return {
      request: {
        toolCallId: call.toolCallId,
        toolName: call.toolName,
        arguments: args,
        sessionId: this.#deps.store.sessionId,
        taskId: context.taskId,
        stepId: context.stepId,
        ...(capability === undefined ? {} : { capability }),
        actionDigest: decision.actionDigest,
      },
      decision,
      summary,
      facts,
      touches: {
        writes: description.writes,
        ...(path === undefined || call.toolName !== 'ReadFile' ? {} : { reads: path }),
      },
      approved,
      judgedBy,
    };
  }

  #requestFor(
    call: ToolCallRequest,
    context: GateContext,
    { args, decision }: Judged,
    description: ToolDescription,
  ): PendingApproval {
    const { clock, newId, store } = this.#deps;
    const { bundle } = this.#deps.policy();
    const rule = bundle.approvalRules.find(({ ruleId }) => ruleId === decision.ruleId);
    const now = clock.now();
    return {
      approvalId: newId('appr'),
      sessionId: store.sessionId,
      taskId: context.taskId,
      stepId: context.stepId,
      toolCallId: call.toolCallId,
      title: description.title,
      actionSummary: description.title,
      riskLevel: decision.riskLevel,
      reasonCodes: decision.reasonCodes,
      ...(decision.ruleId === undefined ? {} : { ruleId: decision.ruleId }),
      ...(rule === undefined ? {} : { ruleTitle: rule.title }),
      ...(bundle.policyName === undefined ? {} : { policyName: bundle.policyName }),
      ...(decision.explanation === undefined ? {} : { explanation: decision.explanation }),
      reversible: isReversible(call.toolName),
      undo: description.undo,
      details: { toolName: call.toolName, arguments: args },
      subject: description.subject,
      actionDigest: decision.actionDigest,
      allowedScopes: decision.allowedScopes ?? ['once'],
      approverRole: decision.approverRole ?? 'user',
      createdAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + approvalTimeoutMs).toISOString(),
      status: 'pending',
    };
  }

  #summaryOf(decision: Decision): DecisionSummary {
    const { rule, remedy } = explainDecision(this.#deps.policy().bundle, decision);
    return {
      decision: decision.decision,
      reasonCodes: decision.reasonCodes,
      ...(decision.ruleId === undefined ? {} : { ruleId: decision.ruleId }),
      ...(rule === undefined ? {} : { ruleTitle: rule.title }),
      riskLevel: decision.riskLevel,
      ...(decision.explanation === undefined ? {} : { explanation: decision.explanation }),
      ...(decision.decision === 'allow' || remedy === '' ? {} : { remedy }),
    };
  }

  #end(call: ToolCallRequest, { taskId, stepId }: GateContext, refusal: Refusal, summary?: DecisionSummary): EndedCall {
    const { store } = this.#deps;
    const { code, message, details } = refusal;
    const status = summary === undefined ? 'failed' : 'denied';
    const error = { code, message, details };
    store.emit(
      'tool_completed',
      {
        toolCallId: call.toolCallId,
        toolName: call.toolName,
        status,
        error,
        ...(summary === undefined ? {} : { decision: summary }),
      },
      { taskId, stepId },
    );
    const outcome: ToolOutcome = { toolName: call.toolName, sessionId: store.sessionId, taskId, stepId, status, error };
    return { ended: { outcome, ...(summary === undefined ? {} : { summary }) } };
  }
}

function decidedSummary(summary: DecisionSummary, outcome: ApprovalOutcome): DecisionSummary {
  return {
    ...summary,
    approvalId: outcome.approvalId,
    outcome: outcome.answer,
    ...(outcome.decidedBy === undefined || outcome.answer !== 'approved' ? {} : { approvedBy: outcome.decidedBy.id }),
  };
}

/** Whether a call needs its intent on the disk before it runs. */
export function needsIntent(toolName: string): boolean {
  return isSideEffect(toolName);
}
