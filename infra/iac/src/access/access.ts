import type { ServiceName } from '@steward/service-kit';

/** What one service may do with one table: actions on its rows by key, and on each index. */
export interface TableAccess {
  /** Names of DynamoDB actions without `dynamodb:`. */
  readonly table: readonly string[];
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
}

/** What one service may reach. */
export interface ServiceAccess {
  readonly tables: Readonly<Record<string, TableAccess>>;
  /** Objects and keys of the content bucket. */
  readonly content?: boolean;
  /** Environment variable with a signing key set, and whose file the service reads it from. */
  readonly signingKeys?: { readonly fileVariable: string; readonly secretVariable: string };
}

const idempotency: TableAccess = { table: ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'DescribeTable'] };

/** Whose turn a maintenance job is. */
const jobs: TableAccess = { table: ['GetItem', 'PutItem'] };

/** Rates are shared by all tasks of a service. */
const rateLimits: TableAccess = { table: ['GetItem', 'PutItem', 'UpdateItem'] };

/**
 * The permissions of every service, and nothing beside them: the task roles are made from this table. The actions are
 * those that the repositories send while their contract tests run; `npm run test:aws` records them and compares.
 */
export const access: Readonly<Record<ServiceName, ServiceAccess>> = {
  session: {
    tables: {
      sessions: { table: ['GetItem', 'PutItem'], indexes: { byUser: ['Query'] } },
      tasks: {
        table: ['GetItem', 'PutItem', 'Query', 'BatchGetItem'],
        indexes: { byTask: ['Query'] },
      },
      idempotency,
      'rate-limits': rateLimits,
    },
  },
  policy: {
    tables: {
      policies: { table: ['GetItem', 'PutItem', 'DeleteItem', 'Query', 'Scan'] },
      jobs,
      idempotency,
      'rate-limits': rateLimits,
    },
    signingKeys: { fileVariable: 'POLICY_KEYS_FILE', secretVariable: 'POLICY_KEYS' },
  },
  workspace: {
    tables: {
      workspaces: {
        table: ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Scan'],
        indexes: { byUser: ['Query'] },
      },
      artifacts: {
        table: ['GetItem', 'PutItem', 'DeleteItem', 'Query', 'BatchWriteItem'],
        indexes: { bySession: ['Query'], byCleanup: ['Query'] },
      },
      idempotency,
      'rate-limits': rateLimits,
    },
    content: true,
  },
  approval: {
    tables: {
      approvals: {
        table: ['GetItem', 'PutItem', 'BatchGetItem', 'DescribeTable'],
        indexes: { bySession: ['Query'], byTenantStatus: ['Query'] },
      },
      idempotency,
      'rate-limits': rateLimits,
    },
    signingKeys: { fileVariable: 'RECEIPT_KEYS_FILE', secretVariable: 'RECEIPT_KEYS' },
  },
  audit: {
    tables: {
      'audit-events': {
        table: ['GetItem', 'PutItem', 'Query', 'BatchGetItem', 'Scan'],
        indexes: { bySession: ['Query'], byTenantDay: ['Query'] },
      },
      incidents: { table: ['GetItem', 'PutItem', 'UpdateItem', 'Query'] },
      jobs,
      idempotency,
      'rate-limits': rateLimits,
    },
  },
  telemetry: { tables: { 'rate-limits': rateLimits } },
  tools: { tables: { 'rate-limits': rateLimits } },
};
