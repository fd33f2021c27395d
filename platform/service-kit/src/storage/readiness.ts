import { DescribeTableCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { ReadinessCheck } from '../http/health-routes.ts';
import { attributesOf } from './attributes.ts';
import { tableName } from './dynamo.ts';
import type { DynamoDeps } from './dynamo.ts';
import { tableDefinition } from './table-keys.ts';

/** Ready while the store answers and the tables exist; gives up after 2 s. */
export function createDynamoReadiness(deps: DynamoDeps, tables: readonly string[]): ReadinessCheck {
  return async () => {
    const abortSignal = AbortSignal.timeout(2000);
    await Promise.all(
      tables.map((name) =>
        deps.client.send(new DescribeTableCommand({ TableName: tableName(deps.env, name) }), { abortSignal }),
      ),
    );
  };
}

/** Answers when a table can be read; throws otherwise. Reads a key that no tenant has. */
export async function pingTable(deps: DynamoDeps, table: string): Promise<void> {
  const { hashKey, rangeKey, rangeKeyType } = tableDefinition(table);
  const Key = attributesOf({
    [hashKey]: '#ready',
    ...(rangeKey === undefined ? {} : { [rangeKey]: rangeKeyType === 'N' ? 0 : '-' }),
  });
  await deps.client.send(new GetItemCommand({ TableName: tableName(deps.env, table), Key }));
}
