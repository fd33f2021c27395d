import type { Decision, ExplainedDecision, PolicyBundle } from '@steward/contracts';
import { reasonMeanings } from '@steward/policy-engine';

/** The decision with its reasons in words, the rule that decided and what would have to change. Pure. */
export function explained(decision: Decision, bundle: Pick<PolicyBundle, 'approvalRules'>): ExplainedDecision {
  const rule = bundle.approvalRules.find(({ ruleId }) => ruleId === decision.ruleId);
  const meanings: Readonly<Record<string, string>> = reasonMeanings;
  return {
    ...decision,
    explained: {
      summary: decision.explanation ?? '',
      reasons: decision.reasonCodes.map((code) => ({ code, meaning: meanings[code] ?? code })),
      ...(rule === undefined ? {} : { rule: { ruleId: rule.ruleId, title: rule.title } }),
      remedy: decision.remedy ?? '',
    },
  };
}
