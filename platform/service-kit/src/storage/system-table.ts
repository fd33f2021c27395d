import { QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { tableName } from './dynamo.ts';
import type { DynamoDeps } from './dynamo.ts';
import type { Item } from './scoped-write.ts';
import type { SystemScope } from './system-scope.ts';
import { indexOf, tableDefinition, withoutKeys } from './table-keys.ts';

/** Expressions over a row's attributes. */
export interface SystemFilter {
  readonly condition: string;
  readonly names?: Record<string, string>;
  readonly values: Record<string, unknown>;
}

/**
 * Reads a whole table for a maintenance job, row by row; rows without a tenant are left out.
 * Throws when the job may not do that.
 */
export async function* scanTenants(
  deps: DynamoDeps,
  table: string,
  scope: SystemScope,
  filter: SystemFilter,
): AsyncGenerator<Item> {
  scope.assertMayRead('scans', table);
  const definition = tableDefinition(table);
  let start: Item | undefined;
  do {
    const answer = await deps.client.send(
      new ScanCommand({
        TableName: tableName(deps.env, table),
        FilterExpression: `attribute_exists(tenantId) AND (${filter.condition})`,
        ...(filter.names === undefined ? {} : { ExpressionAttributeNames: filter.names }),
        ExpressionAttributeValues: filter.values,
        ConsistentRead: true,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    for (const item of answer.Items ?? []) yield withoutKeys(definition, item);
    start = answer.LastEvaluatedKey;
  } while (start !== undefined);
}

/**
 * Reads one partition of an index that spans tenants for a maintenance job. Throws when the job may not do that.
 * @param filter condition on the index's sort key
 */
export async function* queryTenants(
  deps: DynamoDeps,
  table: string,
  index: string,
  partition: string,
  scope: SystemScope,
  filter: SystemFilter,
): AsyncGenerator<Item> {
  scope.assertMayRead('indexes', `${table}.${index}`);
  const definition = tableDefinition(table);
  let start: Item | undefined;
  do {
    const answer = await deps.client.send(
      new QueryCommand({
        TableName: tableName(deps.env, table),
        IndexName: index,
        KeyConditionExpression: `#partition = :partition AND ${filter.condition}`,
        ExpressionAttributeNames: { ...filter.names, '#partition': indexOf(definition, index).hashKey },
        ExpressionAttributeValues: { ...filter.values, ':partition': partition },
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    for (const item of answer.Items ?? []) yield withoutKeys(definition, item);
    start = answer.LastEvaluatedKey;
  } while (start !== undefined);
}
