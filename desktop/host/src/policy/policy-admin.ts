import type { PolicyPaths, ServiceClient } from '@steward/sdk';
import { StewardError } from '@steward/sdk';
import type { HostCalls } from '../contract/bridge.ts';

/** The calls of the bridge that the Policy Service answers. */
export type PolicyCallName =
  | 'listPolicies'
  | 'getPolicy'
  | 'createPolicyDraft'
  | 'updatePolicyDraft'
  | 'validatePolicy'
  | 'diffPolicy'
  | 'publishPolicy'
  | 'rollbackPolicy'
  | 'listPolicyChanges'
  | 'listPolicyTemplates'
  | 'simulatePolicy'
  | 'getSimulation'
  | 'listSimulations'
  | 'cancelSimulation'
  | 'explainAction'
  | 'getKillSwitch'
  | 'setKillSwitch'
  | 'revoke'
  | 'listSigningKeys';

/** One function per call; every one rejects with the StewardError that the Policy Service sent. */
export type PolicyAdmin = {
  readonly [K in PolicyCallName]: (params: HostCalls[K]['params']) => Promise<HostCalls[K]['result']>;
};

/** What the calls need. */
export interface PolicyAdminDeps {
  readonly policies: ServiceClient<PolicyPaths>;
  /** Runs a call and once more with a fresh token where the first is refused. */
  authorized<T>(call: () => Promise<T>): Promise<T>;
}

/** Hands what an admin does to the Policy Service, which alone checks roles and rules. */
export function createPolicyAdmin({ policies, authorized }: PolicyAdminDeps): PolicyAdmin {
  const ask = async <T>(call: () => Promise<{ data?: T }>): Promise<T> => dataOf(await authorized(call));
  return {
    listPolicies: (query) => ask(() => policies.GET('/policies', { params: { query } })),
    getPolicy: (path) => ask(() => policies.GET('/policies/{version}', { params: { path } })),
    createPolicyDraft: (body) => ask(() => policies.POST('/policies', { body })),
    updatePolicyDraft: ({ version, ...body }) =>
      ask(() => policies.PUT('/policies/{version}', { params: { path: { version } }, body })),
    validatePolicy: (body) => ask(() => policies.POST('/policy-validation', { body })),
    diffPolicy: (body) => ask(() => policies.POST('/policy-diff', { body })),
    publishPolicy: ({ version, ...body }) =>
      ask(() => policies.POST('/policies/{version}/publish', { params: { path: { version } }, body })),
    rollbackPolicy: ({ version, ...body }) =>
      ask(() => policies.POST('/policies/{version}/rollback', { params: { path: { version } }, body })),
    listPolicyChanges: (query) => ask(() => policies.GET('/policy-history', { params: { query } })),
    listPolicyTemplates: () => ask(() => policies.GET('/policy-templates')),
    simulatePolicy: (body) => ask(() => policies.POST('/policy/simulate', { body })),
    getSimulation: (path) => ask(() => policies.GET('/policy/simulations/{simulationId}', { params: { path } })),
    listSimulations: (query) => ask(() => policies.GET('/policy/simulations', { params: { query } })),
    cancelSimulation: (path) =>
      ask(() => policies.POST('/policy/simulations/{simulationId}/cancel', { params: { path } })),
    explainAction: ({ action, content, facts }) =>
      ask(() =>
        policies.POST('/policy/evaluate', {
          body: {
            action,
            ...(content === undefined ? {} : { bundle: content }),
            ...(facts === undefined ? {} : { facts }),
          },
        }),
      ),
    getKillSwitch: () => ask(() => policies.GET('/kill-switch')),
    setKillSwitch: (body) => ask(() => policies.PUT('/kill-switch', { body })),
    revoke: (body) => ask(() => policies.POST('/revocations', { body })),
    listSigningKeys: () => ask(() => policies.GET('/signing-keys')),
  };
}

function dataOf<T>(answer: { data?: T }): T {
  if (answer.data === undefined)
    throw new StewardError('INTERNAL_ERROR', 'The Policy Service answered without content.');
  return answer.data;
}
