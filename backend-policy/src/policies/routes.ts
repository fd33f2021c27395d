import type { PolicyContent } from '@steward/contracts';
import type { PolicyOperations } from '@steward/sdk';
import type { OperationHandlers } from '@steward/service-kit';
import type { PolicyAdministration } from './service.ts';

type PolicyHandlers = Pick<
  OperationHandlers<PolicyOperations>,
  'listPolicies' | 'createDraft' | 'getPolicy' | 'publishPolicy' | 'rollbackPolicy' | 'getKillSwitch' | 'setKillSwitch'
>;

/** Answers the operations on policy versions and the kill switch. */
export function createPolicyRoutes(policies: PolicyAdministration): PolicyHandlers {
  return {
    listPolicies: async ({ query, context }) => ({
      status: 200,
      body: await policies.list(context.caller.tenantId, query),
    }),
    createDraft: async ({ body, context: { caller } }) => ({
      status: 201,
      body: await policies.createDraft(
        caller.tenantId,
        caller.userId,
        body.content as PolicyContent,
        body.basedOnVersion,
      ),
    }),
    getPolicy: async ({ path, context }) => ({
      status: 200,
      body: await policies.get(context.caller.tenantId, path.version),
    }),
    publishPolicy: async ({ path, body, context: { caller } }) => ({
      status: 200,
      body: await policies.publish(caller.tenantId, caller.userId, path.version, body),
    }),
    rollbackPolicy: async ({ path, body, context: { caller } }) => ({
      status: 201,
      body: await policies.rollback(caller.tenantId, caller.userId, path.version, body),
    }),
    getKillSwitch: async ({ context }) => ({ status: 200, body: await policies.killSwitch(context.caller.tenantId) }),
    setKillSwitch: async ({ body, context: { caller } }) => ({
      status: 200,
      body: await policies.setKillSwitch(caller.tenantId, caller.userId, body.active, body.reason),
    }),
  };
}
