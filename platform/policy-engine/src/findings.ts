import type { ApprovalRule, Capability, CapabilityName, PolicyBundle, PolicyFacts } from '@steward/contracts';
import type { ReasonCode } from './reasons.ts';

/** How far an action gets; each level is stricter than the one before. */
export type Level = 'allow' | 'require_approval' | 'deny';

/** One judgement about one part of an action. The strictest finding decides. */
export interface Finding {
  readonly level: Level;
  readonly code: ReasonCode;
  readonly capability?: CapabilityName | undefined;
  /** What the finding is about: a program, path, host or tool, as the person knows it. */
  readonly subject?: string | undefined;
  /** Part of a sentence that says what is wrong. */
  readonly detail?: string | undefined;
  readonly rule?: ApprovalRule | undefined;
  readonly ruleId?: string | undefined;
  readonly zone?: Capability['zone'] | undefined;
}

/** What every judgement needs: the verified policy, the machine's facts, and what runs without a person. */
export interface JudgeContext {
  readonly bundle: PolicyBundle;
  readonly facts: PolicyFacts;
}

const order: Readonly<Record<Level, number>> = { allow: 0, require_approval: 1, deny: 2 };

/** Negative when `a` is laxer than `b`. */
export function compareLevels(a: Level, b: Level): number {
  return order[a] - order[b];
}

/** The stricter of two levels. */
export function stricter(a: Level, b: Level): Level {
  return order[a] >= order[b] ? a : b;
}

/** All grants of one capability. */
export function grantsOf(context: JudgeContext, name: CapabilityName): readonly Capability[] {
  return context.bundle.capabilities.filter((capability) => capability.name === name);
}

/** What the grants say about things that no list names: asked if any grant asks, otherwise denied. */
export function unlistedLevel(grants: readonly Capability[]): Level {
  return grants.some((grant) => grant.unlisted === 'require_approval') ? 'require_approval' : 'deny';
}

/** The finding of a grant that covers the action. */
export function grantedBy(grant: Capability): Finding {
  return {
    level: grant.requiresApproval ? 'require_approval' : 'allow',
    code: grant.requiresApproval ? 'CAPABILITY_REQUIRES_APPROVAL' : 'ALLOWED_BY_CAPABILITY',
    capability: grant.name,
    ruleId: grant.approvalRuleId,
    zone: grant.zone,
  };
}

/** The laxest of several grants that all cover the action; undefined when none does. */
export function bestGrant(grants: readonly Capability[]): Capability | undefined {
  return grants.find((grant) => !grant.requiresApproval) ?? grants[0];
}
