import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { ReadinessCheck } from '../http/health-routes.ts';
import { tableName } from './dynamo.ts';
import type { DynamoDeps } from './dynamo.ts';

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
