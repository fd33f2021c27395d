import type { PolicyOperations } from '@steward/sdk';
import type { OperationHandlers } from '@steward/service-kit';
import type { EvaluateDeps } from './evaluate.ts';
import { evaluate } from './evaluate.ts';

/** Answers the operation that decides on one action. */
export function createDecisionRoutes(deps: EvaluateDeps): Pick<OperationHandlers<PolicyOperations>, 'evaluate'> {
  return {
    evaluate: async ({ body, context }) => ({ status: 200, body: await evaluate(deps, context.caller, body) }),
  };
}
