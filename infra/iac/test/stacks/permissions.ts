import { describe, expect, it } from '@jest/globals';
import { access } from '../../src/access/access.ts';
import { serviceNames } from '../../src/services/service-names.ts';
import type { EnvironmentName } from '../../src/settings.ts';
import type { Synthesized } from '../support/synthesize.ts';
import { context } from '../support/synthesize.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** Resources with a wildcard that a statement of a role may name, and why nothing narrower works. */
const wildcardReasons: readonly { readonly actions: RegExp; readonly resource: RegExp; readonly reason: string }[] = [
  {
    actions: /^ecr:GetAuthorizationToken$/,
    resource: /^\*$/,
    reason: 'The login to the image registry belongs to the account and has no resource.',
  },
  {
    actions: /^s3:(GetObject|PutObject|DeleteObject|AbortMultipartUpload)$/,
    resource: /^arn:aws:s3:::(dev|staging|prod)-workspace-artifacts\/\*$/,
    reason: 'Objects are named by workspace and artifact, which do not exist yet when the role is made.',
  },
];

/** What holds for the permissions of an environment. */
export function describePermissions(environment: EnvironmentName, synthesized: () => Synthesized): void {
  describe(`the permissions of ${environment}`, () => {
    it('name every action, in every policy', () => {
      const actions = statementsOf(synthesized()).flatMap(({ statement }) => listOf(statement.Action));

      expect(actions.length).toBeGreaterThan(50);
      expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    });

    it('name every resource, but for those with a listed reason', () => {
      const open = statementsOf(synthesized()).flatMap(({ policy, statement }) =>
        listOf(statement.Resource)
          .map((resource) => (typeof resource === 'string' ? resource : JSON.stringify(resource)))
          .filter((resource) => resource.includes('*'))
          .filter((resource) => !isExplained(statement, resource))
          .map((resource) => `${policy}: ${String(statement.Action)} on ${resource}`),
      );

      expect(open).toEqual([]);
    });

    it('give a role nothing by managed policies', () => {
      const managed = synthesized()
        .ofType('AWS::IAM::Role')
        .filter(([, { Properties }]) => Properties['ManagedPolicyArns'] !== undefined);

      expect(managed.map(([id]) => id)).toEqual([]);
    });

    it.each(serviceNames)('let the tasks of %s do with tables what the access data say, and no more', (name) => {
      const policies = synthesized().ofType('AWS::IAM::Policy');
      const own = policies.filter(([id]) => id.startsWith(`services/${name}TaskTaskRole`));

      const allowed = own.flatMap(([, { Properties }]) =>
        (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement.flatMap((statement) =>
          listOf(statement.Action)
            .filter((action) => action.startsWith('dynamodb:'))
            .map((action) => `${action} ${String(statement.Resource)}`),
        ),
      );

      const prefix = `arn:aws:dynamodb:${context['region']}:${context['account']}:table/${environment}`;
      const expected = Object.entries(access[name].tables).flatMap(([table, { table: actions, indexes = {} }]) => [
        ...actions.map((action) => `dynamodb:${action} ${prefix}-${table}`),
        ...Object.entries(indexes).flatMap(([index, onIndex]) =>
          onIndex.map((action) => `dynamodb:${action} ${prefix}-${table}/index/${index}`),
        ),
      ]);
      expect(allowed.sort()).toEqual(expected.sort());
    });
  });
}

function statementsOf(synthesized: Synthesized): { readonly policy: string; readonly statement: Statement }[] {
  const ofRoles = synthesized
    .ofType('AWS::IAM::Role')
    .flatMap(([id, { Properties }]) =>
      ((Properties['Policies'] ?? []) as { PolicyDocument: unknown }[]).map(
        ({ PolicyDocument }) => [id, PolicyDocument] as const,
      ),
    );
  const policies = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) =>
    synthesized.ofType(type).map(([id, { Properties }]) => [id, Properties['PolicyDocument']] as const),
  );
  return [...ofRoles, ...policies].flatMap(([policy, document]) =>
    (document as { Statement: Statement[] }).Statement.filter(({ Effect }) => Effect === 'Allow').map((statement) => ({
      policy,
      statement,
    })),
  );
}

function isExplained({ Action }: Statement, resource: string): boolean {
  return listOf(Action).every((action) =>
    wildcardReasons.some((known) => known.actions.test(action) && known.resource.test(resource)),
  );
}

function listOf<T>(value: T | readonly T[]): T[] {
  return Array.isArray(value) ? [...(value as readonly T[])] : [value as T];
}
