import { QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { attributesOf, itemOf } from './attributes.ts';
import type { Attributes, Item } from './attributes.ts';
import { tableName } from './dynamo.ts';
import type { DynamoDeps } from './dynamo.ts';
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
  let start: Attributes | undefined;
  do {
    const answer = await deps.client.send(
      new ScanCommand({
        TableName: tableName(deps.env, table),
        FilterExpression: `attribute_exists(tenantId) AND (${filter.condition})`,
        ...(filter.names === undefined ? {} : { ExpressionAttributeNames: filter.names }),
        ExpressionAttributeValues: attributesOf(filter.values),
        ConsistentRead: true,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    for (const found of answer.Items ?? []) yield withoutKeys(definition, itemOf(found));
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
  let start: Attributes | undefined;
  do {
    const answer = await deps.client.send(
      new QueryCommand({
        TableName: tableName(deps.env, table),
        IndexName: index,
        KeyConditionExpression: `#partition = :partition AND ${filter.condition}`,
        ExpressionAttributeNames: { ...filter.names, '#partition': indexOf(definition, index).hashKey },
        ExpressionAttributeValues: attributesOf({ ...filter.values, ':partition': partition }),
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    for (const found of answer.Items ?? []) yield withoutKeys(definition, itemOf(found));
    start = answer.LastEvaluatedKey;
  } while (start !== undefined);
}

/** Where a row lies: its partition's whole key, and its sort key. */
export interface RowPlace {
  readonly partition: string;
  readonly sort: string | number;
}

/** A part of a table, rows in the store's own order: those of one partition together, by sort key. */
export interface SystemSlice {
  readonly rows: readonly { readonly place: RowPlace; readonly item: Item }[];
  /** Where the next part begins; absent at the end of the table. */
  readonly next?: RowPlace;
}

/**
 * Reads the next part of a table with a sort key for a maintenance job, whatever its rows hold. Throws when the job
 * may not do that.
 * @param limit rows at most; the store may answer fewer and still have more
 * @param after goes on behind this place, whether or not a row lies there
 */
export async function scanSlice(
  deps: DynamoDeps,
  table: string,
  scope: SystemScope,
  { limit, after }: { readonly limit: number; readonly after?: RowPlace },
): Promise<SystemSlice> {
  scope.assertMayRead('scans', table);
  const definition = tableDefinition(table);
  const { hashKey, rangeKey } = definition;
  if (rangeKey === undefined) throw new Error(`The table ${table} has no sort key.`);
  const placeOf = (item: Item): RowPlace => ({
    partition: String(item[hashKey]),
    sort: item[rangeKey] as string | number,
  });
  const answer = await deps.client.send(
    new ScanCommand({
      TableName: tableName(deps.env, table),
      Limit: limit,
      ConsistentRead: true,
      ...(after === undefined
        ? {}
        : { ExclusiveStartKey: attributesOf({ [hashKey]: after.partition, [rangeKey]: after.sort }) }),
    }),
  );
  const rows = (answer.Items ?? []).map((found) => {
    const item = itemOf(found);
    return { place: placeOf(item), item: withoutKeys(definition, item) };
  });
  return { rows, ...(answer.LastEvaluatedKey === undefined ? {} : { next: placeOf(itemOf(answer.LastEvaluatedKey)) }) };
}
