import type { PolicyContent, RevocationInput } from '@steward/contracts';
import type { PolicyOperations } from '@steward/sdk';
import { StewardError } from '@steward/sdk';
import type { OperationHandlers, RequestContext } from '@steward/service-kit';
import { diffPolicies } from '../drafts/diff.ts';
import { listTemplates } from '../drafts/templates.ts';
import { validatePolicyContent, validatePolicyText } from '../drafts/validate-policy.ts';
import type { PolicyAdministration } from './service.ts';
import type { Author } from './tenant-changes.ts';

type PolicyHandlers = Pick<
  OperationHandlers<PolicyOperations>,
  | 'listPolicies'
  | 'createDraft'
  | 'getPolicy'
  | 'updateDraft'
  | 'validatePolicy'
  | 'diffPolicy'
  | 'publishPolicy'
  | 'rollbackPolicy'
  | 'listPolicyChanges'
  | 'listPolicyTemplates'
  | 'getKillSwitch'
  | 'setKillSwitch'
  | 'revoke'
>;

/** Answers the operations on policy versions, revocations and the kill switch. */
export function createPolicyRoutes(policies: PolicyAdministration): PolicyHandlers {
  return {
    listPolicies: async ({ query, context: { caller } }) => ({
      status: 200,
      body: await policies.list(caller.scope, query),
    }),
    createDraft: async ({ body, context }) => ({
      status: 201,
      body: await policies.drafts.create(
        authorOf(context),
        body as { content?: PolicyContent; template?: string; basedOnVersion?: number },
      ),
    }),
    getPolicy: async ({ path, context: { caller } }) => ({
      status: 200,
      body: await policies.get(caller.scope, path.version),
    }),
    updateDraft: async ({ path, body, context }) => ({
      status: 200,
      body: await policies.drafts.update(
        authorOf(context),
        path.version,
        body as { content: PolicyContent; revision: number },
      ),
    }),
    validatePolicy: ({ body }) => {
      if ((body.text === undefined) === (body.content === undefined))
        throw new StewardError('INVALID_REQUEST', 'Give either text or content.', { details: { field: 'text' } });
      return {
        status: 200,
        body: body.text === undefined ? validatePolicyContent(body.content) : validatePolicyText(body.text),
      };
    },
    diffPolicy: async ({ body, context: { caller } }) => {
      const { fromVersion, toVersion } = body;
      if ((toVersion === undefined) === (body.content === undefined))
        throw new StewardError('INVALID_REQUEST', 'Give either toVersion or content.', {
          details: { field: 'toVersion' },
        });
      const from = fromVersion ?? (await policies.active(caller.scope)).state.activeVersion;
      const before = await policies.get(caller.scope, from);
      const after =
        toVersion === undefined
          ? (body.content as PolicyContent)
          : (await policies.get(caller.scope, toVersion)).content;
      return {
        status: 200,
        body: {
          fromVersion: from,
          ...(toVersion === undefined ? {} : { toVersion }),
          ...diffPolicies(before.content, after),
        },
      };
    },
    publishPolicy: async ({ path, body, context }) => ({
      status: 200,
      body: await policies.publishing.publish(authorOf(context), path.version, body),
    }),
    rollbackPolicy: async ({ path, body, context }) => ({
      status: 201,
      body: await policies.publishing.rollback(authorOf(context), path.version, body),
    }),
    listPolicyChanges: async ({ query, context: { caller } }) => ({
      status: 200,
      body: await policies.history(caller.scope, query),
    }),
    listPolicyTemplates: () => ({ status: 200, body: { items: listTemplates() } }),
    getKillSwitch: async ({ context: { caller } }) => ({
      status: 200,
      body: await policies.revoking.killSwitch(caller.scope),
    }),
    setKillSwitch: async ({ body, context }) => ({
      status: 200,
      body: await policies.revoking.setKillSwitch(authorOf(context), body.active, body.reason),
    }),
    revoke: async ({ body, context }) => ({
      status: 201,
      body: await policies.revoking.revoke(authorOf(context), body as RevocationInput),
    }),
  };
}

/** Who asks, with the try of the request that asks. */
function authorOf({ caller, attempt }: RequestContext): Author {
  return { scope: caller.scope, userId: caller.userId, attempt };
}
