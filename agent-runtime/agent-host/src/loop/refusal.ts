import type { Decision, ErrorCode, PolicyBundle } from '@steward/contracts';
import { explainDecision } from '@steward/policy-engine';
import type { ApprovalOutcome } from '../approval/approval-desk.ts';

/** Why a call does not run, as its result says it. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: Record<string, unknown>;
}

/** The refusal that a denying decision under the bundle stands for: what decided and what would have to change. Pure. */
export function refusalOf(decision: Decision, bundle: Pick<PolicyBundle, 'approvalRules'>): Refusal {
  const codes = decision.reasonCodes;
  const code: ErrorCode = codes.includes('KILL_SWITCH_ACTIVE')
    ? 'KILL_SWITCH_ACTIVE'
    : codes.includes('APPROVAL_REQUIRED')
      ? 'APPROVAL_REQUIRED'
      : 'CAPABILITY_DENIED';
  const { summary, remedy } = explainDecision(bundle, decision);
  const message = [summary === '' ? 'The policy does not allow this action.' : summary, remedy]
    .filter((part) => part !== '')
    .join(' ');
  return {
    code,
    message,
    details: { reasonCodes: codes, ...(decision.ruleId === undefined ? {} : { ruleId: decision.ruleId }) },
  };
}

/** The refusal that a person's answer stands for. Pure. */
export function refusalByPerson(outcome: ApprovalOutcome): Refusal {
  const why = outcome.reason === undefined || outcome.reason === '' ? '' : ` Reason: ${outcome.reason}`;
  const message =
    outcome.answer === 'timeout'
      ? 'Nobody answered the approval request in time, which counts as a denial.'
      : outcome.answer === 'cancelled'
        ? 'The task was cancelled while the action waited for approval.'
        : `The person denied this action.${why}`;
  return {
    code: 'APPROVAL_DENIED',
    message,
    details: { reasonCodes: [`APPROVAL_${outcome.answer.toUpperCase()}`], approvalId: outcome.approvalId },
  };
}
