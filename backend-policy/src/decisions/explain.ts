import type { Decision, ExplainedDecision, PolicyBundle } from '@steward/contracts';
import { explainDecision } from '@steward/policy-engine';

/** The decision with its reasons in words, the rule that decided and what would have to change, and by whom. Pure. */
export function explained(decision: Decision, bundle: Pick<PolicyBundle, 'approvalRules'>): ExplainedDecision {
  const { summary, reasons, rule, remedy } = explainDecision(bundle, decision);
  return {
    ...decision,
    explained: { summary, reasons: [...reasons], ...(rule === undefined ? {} : { rule }), remedy },
  };
}
