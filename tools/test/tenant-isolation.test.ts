import { describe, expect, it } from '@jest/globals';
import { Linter } from 'eslint';
import type { Rule } from 'eslint';
import tseslint from 'typescript-eslint';
import tenantIsolation from '../eslint/tenant-isolation.mjs';

const rules = tenantIsolation.rules as unknown as Record<string, Rule.RuleModule>;

/** What one rule says about a text, as message ids. */
function lint(rule: string, code: string, options: object = {}): (string | undefined)[] {
  const messages = new Linter().verify(
    code,
    {
      files: ['**/*.ts'],
      languageOptions: { parser: tseslint.parser as never },
      plugins: { tenant: { rules } },
      rules: { [`tenant/${rule}`]: ['error', ...(Object.keys(options).length === 0 ? [] : [options])] },
    } as Linter.Config,
    'src/x.dynamo.ts',
  );
  return messages.map(({ messageId, message }) => messageId ?? message);
}

describe('the rule for stores', () => {
  it.each([
    ["import { GetCommand } from '@aws-sdk/lib-dynamodb';", 'import'],
    ["import { QueryCommand as Q } from '@aws-sdk/lib-dynamodb';", 'import'],
    ["import * as dynamo from '@aws-sdk/client-dynamodb';", 'import'],
    ["import dynamo from '@aws-sdk/lib-dynamodb';", 'import'],
    ["import '@aws-sdk/lib-dynamodb';", 'import'],
    ["import { ScanCommand } from './elsewhere.ts';", 'import'],
    ["export { PutCommand } from '@aws-sdk/lib-dynamodb';", 'import'],
    ["const { ExecuteStatementCommand } = await import('@aws-sdk/lib-dynamodb');", 'dynamic'],
    ["const sdk = require('@aws-sdk/lib-dynamodb');", 'dynamic'],
    ['deps.client.send(command);', 'send'],
    ["deps.client['send'](command);", 'send'],
  ])('refuses %s', (code, messageId) => {
    expect(lint('scoped-storage', code)).toEqual([messageId]);
  });

  it('takes types and scoped tables', () => {
    const code = `
      import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
      import { scopedTable } from '@steward/service-kit';
      export const read = (deps, scope) => scopedTable(deps, 'sessions', scope).get({ id: ['x'] });
    `;

    expect(lint('scoped-storage', code)).toEqual([]);
  });
});

describe('the rule for repositories', () => {
  const options = { probes: ['check'] };

  it.each([
    'interface ThingRepository { get(id: string): Promise<void>; }',
    'interface ThingRepository { list(): Promise<void>; }',
    'interface ThingRepository { put: (tenantId: string) => void; }',
    'interface ThingStore { get(id: string, scope: TenantScope): void; }',
  ])('refuses %s', (code) => {
    expect(lint('repository-takes-scope', code, options)).toEqual(['scope']);
  });

  it('takes scopes first, jobs’ scopes, probes and other interfaces', () => {
    const code = `
      interface ThingRepository { get(scope: TenantScope, id: string): void; due(jobs: SystemScope): void; check(): void }
      interface Thing { get(id: string): void }
    `;

    expect(lint('repository-takes-scope', code, options)).toEqual([]);
  });
});

describe('the rule for grants', () => {
  const options = { names: ['grantScope', 'systemScope'] };

  it.each([
    "import { systemScope } from '@steward/service-kit';",
    "import { grantScope as mine } from '../storage/tenant-scope.ts';",
    "import * as kit from '@steward/service-kit'; kit.systemScope('workspace-purge');",
  ])('refuses %s', (code) => {
    expect(lint('scope-grants', code, options)).toEqual(['grant']);
  });

  it('takes the types', () => {
    expect(lint('scope-grants', "import type { TenantScope } from '@steward/service-kit';", options)).toEqual([]);
  });
});
