import type { ExplainedDecision, PolicyBundle, PolicyContent, PolicyFacts } from '@steward/contracts';
import { decide, validateBundle } from '@steward/policy-engine';
import type { Clock, PolicyComponents } from '@steward/sdk';
import { StewardError } from '@steward/sdk';
import type { Caller } from '@steward/service-kit';
import type { BundleService } from '../bundles/service.ts';
import { bundleOf } from '../bundles/service.ts';
import { explained } from './explain.ts';
import type { SessionLookup } from './session-lookup.ts';

type EvaluateInput = PolicyComponents['schemas']['EvaluateInput'];

/** What an evaluation needs. */
export interface EvaluateDeps {
  readonly bundles: BundleService;
  readonly sessions: SessionLookup;
  readonly clock: Clock;
}

/** A session id for bundles that belong to no session. */
const noSession = 'sess_00000000000000000000000000';

/**
 * The decision on one action by the same pure function that the runtime runs. Nothing on this machine's disk is
 * looked at: what is not among the facts is taken as written. Without `workspaceDir` the project folder is `cwd`.
 */
export async function evaluate(
  deps: EvaluateDeps,
  caller: Pick<Caller, 'tenantId' | 'userId' | 'scope'>,
  input: EvaluateInput,
): Promise<ExplainedDecision> {
  const bundle = await bundleFor(deps, caller, input);
  const facts = input.facts ?? {};
  const decision = decide(bundle, input.action, withWorkspace(facts), { now: deps.clock.now().toISOString() });
  return explained(decision, bundle);
}

function withWorkspace(facts: PolicyFacts): PolicyFacts {
  if (facts.workspaceDir !== undefined || facts.cwd === undefined) return facts;
  return { ...facts, workspaceDir: facts.cwd };
}

async function bundleFor(
  deps: EvaluateDeps,
  caller: Pick<Caller, 'tenantId' | 'userId' | 'scope'>,
  input: EvaluateInput,
): Promise<PolicyBundle> {
  if (input.bundle !== undefined && input.sessionId !== undefined) {
    throw new StewardError('INVALID_REQUEST', 'Give either bundle or sessionId, not both.');
  }
  if (input.bundle !== undefined) {
    const given = input.bundle as PolicyBundle | PolicyContent;
    const [problem] = validateBundle(given);
    if (problem !== undefined) {
      throw new StewardError(
        'POLICY_BUNDLE_INVALID',
        `The given bundle is not valid at ${problem.path || '/'}: ${problem.message}`,
        { details: { reasonCodes: ['POLICY_INVALID'], problem } },
      );
    }
    return 'schemaVersion' in given ? given : provisionalBundle(given, caller, deps.clock.now());
  }
  if (input.sessionId === undefined)
    return deps.bundles.build(caller.scope, { userId: caller.userId, sessionId: noSession });
  const session = await deps.sessions.find(caller, input.sessionId);
  return deps.bundles.build(caller.scope, { userId: session.userId, sessionId: input.sessionId });
}

function provisionalBundle(
  content: PolicyContent,
  caller: { tenantId: string; userId: string },
  now: Date,
): PolicyBundle {
  const state = {
    tenantId: caller.tenantId,
    lastVersion: 1,
    activeVersion: 1,
    bundleVersion: 1,
    killSwitch: { active: false, updatedAt: now.toISOString() },
    revision: 1,
  };
  return bundleOf(
    { content, state },
    { tenantId: caller.tenantId, userId: caller.userId, sessionId: noSession },
    now,
    3600,
  );
}
