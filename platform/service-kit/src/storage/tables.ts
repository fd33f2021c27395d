import {
  CreateTableCommand,
  DescribeTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type {
  AttributeDefinition,
  CreateTableCommandInput,
  DynamoDBClient,
  KeySchemaElement,
} from '@aws-sdk/client-dynamodb';
import { tables } from '@steward/contracts';
import type { TableDefinition } from '@steward/contracts';
import { tableName } from './dynamo.ts';

/** Creates every table of the contracts that is missing and waits until all are usable. Safe to run at any time. */
export async function ensureTables(client: Pick<DynamoDBClient, 'send'>, env: string): Promise<void> {
  await Promise.all(tables.tables.map((table) => ensureTable(client as DynamoDBClient, env, table)));
}

async function ensureTable(client: DynamoDBClient, env: string, table: TableDefinition): Promise<void> {
  const TableName = tableName(env, table.name);
  if (await isActive(client, TableName)) return;
  try {
    await client.send(new CreateTableCommand(createInputOf(env, table)));
  } catch (error) {
    // Somebody else creates it at the same time.
    if ((error as { name?: string }).name !== 'ResourceInUseException') throw error;
  }
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName });
  if (table.ttl !== undefined) {
    const TimeToLiveSpecification = { Enabled: true, AttributeName: table.ttl };
    await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification })).catch((error: unknown) => {
      if ((error as { name?: string }).name !== 'ValidationException') throw error;
    });
  }
}

async function isActive(client: DynamoDBClient, TableName: string): Promise<boolean> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    return Table?.TableStatus === 'ACTIVE';
  } catch (error) {
    if ((error as { name?: string }).name === 'ResourceNotFoundException') return false;
    throw error;
  }
}

/** The request that creates a table: paid per request, every index with all attributes. */
export function createInputOf(env: string, table: TableDefinition): CreateTableCommandInput {
  const attributes = new Map<string, 'S' | 'N'>();
  const keys = (definition: { hashKey: string; rangeKey?: string; rangeKeyType?: 'S' | 'N' }): KeySchemaElement[] => {
    attributes.set(definition.hashKey, 'S');
    const schema: KeySchemaElement[] = [{ AttributeName: definition.hashKey, KeyType: 'HASH' }];
    if (definition.rangeKey !== undefined) {
      attributes.set(definition.rangeKey, definition.rangeKeyType ?? 'S');
      schema.push({ AttributeName: definition.rangeKey, KeyType: 'RANGE' });
    }
    return schema;
  };
  const KeySchema = keys(table);
  const indexes = table.gsis.map((gsi) => ({
    IndexName: gsi.name,
    KeySchema: keys(gsi),
    Projection: { ProjectionType: 'ALL' as const },
  }));
  const AttributeDefinitions: AttributeDefinition[] = [...attributes].map(([AttributeName, AttributeType]) => ({
    AttributeName,
    AttributeType,
  }));
  return {
    TableName: tableName(env, table.name),
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema,
    AttributeDefinitions,
    ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes }),
  };
}
