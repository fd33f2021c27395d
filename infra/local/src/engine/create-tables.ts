import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ensureTables } from '@steward/service-kit';

/** Where the tables are created. */
export interface TableTarget {
  readonly endpoint: string;
  readonly region: string;
  /** Prefix of the table names. */
  readonly environment: string;
}

/** Creates the services' tables where they are missing; existing ones stay as they are. */
export async function createTables(target: TableTarget): Promise<void> {
  // The SDK warns on Node 20, which this product supports and tests.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const client = new DynamoDBClient({
    endpoint: target.endpoint,
    region: target.region,
    credentials: {
      accessKeyId: process.env['AWS_ACCESS_KEY_ID'] || 'local',
      secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] || 'local',
    },
  });
  try {
    await ensureTables(client, target.environment);
  } finally {
    client.destroy();
  }
}
