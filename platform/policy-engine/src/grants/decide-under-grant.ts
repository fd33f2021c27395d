import type { Decision, Grant, PolicyAction, PolicyBundle, PolicyFacts } from '@steward/contracts';
import { decide, type DecisionContext } from '../decide.ts';
import { changesBundle, narrowBundle, narrowingOf } from './narrow.ts';

const order: Readonly<Record<Decision['decision'], number>> = { allow: 0, require_approval: 1, deny: 2 };

/**
 * The decision on an action under a grant: that of the bundle, of the bundle as every link leaves it, and of the options
 * of the whole chain; the strictest one counts. So a longer chain never decides wider than a shorter one. Pure and total.
 */
export function decideUnderGrant(
  bundle: PolicyBundle,
  grant: Pick<Grant, 'links'>,
  action: PolicyAction,
  facts: PolicyFacts,
  context: DecisionContext = {},
): Decision {
  const all = narrowingOf(grant);
  const modes = [
    ...new Set(
      [context.taskOptions?.approvalMode, ...grant.links.map(({ narrowing }) => narrowing.approvalMode)].filter(
        (mode) => mode !== undefined,
      ),
    ),
  ];
  const allowNetwork = context.taskOptions?.allowNetwork === false || all.allowNetwork === false ? false : undefined;
  const { expiresAt } = all;
  const expired =
    expiresAt !== undefined && context.now !== undefined && !(Date.parse(context.now) < Date.parse(expiresAt));
  let result: Decision | undefined;
  for (const mode of modes.length === 0 ? [undefined] : modes) {
    const under: DecisionContext = {
      ...context,
      taskOptions: {
        ...(allowNetwork === undefined ? {} : { allowNetwork }),
        ...(mode === undefined ? {} : { approvalMode: mode }),
      },
    };
    result = stricterOf(result, decide(bundle, action, facts, under));
    for (const { narrowing } of grant.links) {
      if (!changesBundle(narrowing)) continue;
      const narrowed = decide(narrowBundle(bundle, narrowing), action, facts, under);
      result = stricterOf(
        result,
        order[narrowed.decision] > order[result.decision] ? outsideGrant(narrowed) : narrowed,
      );
    }
  }
  const decided = result ?? decide(bundle, action, facts, context);
  return expired && decided.decision !== 'deny' ? deny(decided, 'GRANT_EXPIRED', expiredWords) : decided;
}

function stricterOf(first: Decision | undefined, second: Decision): Decision {
  return first !== undefined && order[first.decision] >= order[second.decision] ? first : second;
}

const expiredWords = {
  explanation: 'The grant that this work was handed has expired.',
  remedy: 'Ask the session for a new grant.',
};

function outsideGrant(decision: Decision): Decision {
  return decision.decision === 'deny'
    ? deny(decision, 'OUTSIDE_GRANT', {
        explanation: 'The policy may allow this, but the grant that this work was handed does not cover it.',
        remedy: 'Do it in the session itself, or ask for a grant that covers it.',
      })
    : decision;
}

function deny(
  decision: Decision,
  code: 'GRANT_EXPIRED' | 'OUTSIDE_GRANT',
  words: { readonly explanation: string; readonly remedy: string },
): Decision {
  const { allowedScopes: _scopes, approverRole: _role, ...rest } = decision;
  const reasonCodes = [code, ...rest.reasonCodes.filter((each) => each !== 'ALLOWED_BY_CAPABILITY')].slice(0, 50);
  return { ...rest, decision: 'deny', reasonCodes, ...words };
}
