import { DescribeTableCommand, DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { GetBucketVersioningCommand, GetPublicAccessBlockCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { tables } from '@steward/contracts';
import { createInputOf } from '@steward/service-kit';
import { contentBucket, deployedEnvironment, dynamo, s3 } from '../support/aws.ts';

describe('the deployed data stack', () => {
  it.each(tables.tables.map((table) => [table.name, table] as const))('has the table %s', async (name, table) => {
    const expected = createInputOf(deployedEnvironment, table);
    const TableName = `${deployedEnvironment}-${name}`;

    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName }));
    const { TimeToLiveDescription } = await dynamo.send(new DescribeTimeToLiveCommand({ TableName }));

    expect({
      keys: Table?.KeySchema,
      attributes: sorted(Table?.AttributeDefinitions ?? []),
      indexes: sorted(keysOf(Table?.GlobalSecondaryIndexes ?? [])),
      ttl: TimeToLiveDescription?.AttributeName,
    }).toEqual({
      keys: expected.KeySchema,
      attributes: sorted(expected.AttributeDefinitions ?? []),
      indexes: sorted(keysOf(expected.GlobalSecondaryIndexes ?? [])),
      ttl: table.ttl,
    });
  });

  // Its key, life cycle and TLS rule are left out by this CloudFormation and asserted on the template.
  it('has a bucket that keeps versions and is closed to the public', async () => {
    const Bucket = contentBucket;

    const versioning = await s3.send(new GetBucketVersioningCommand({ Bucket }));
    const access = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));

    expect(versioning.Status).toBe('Enabled');
    expect(access.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  });
});

function keysOf(indexes: readonly { readonly IndexName?: string | undefined; readonly KeySchema?: unknown }[]) {
  return indexes.map(({ IndexName, KeySchema }) => ({ IndexName, KeySchema }));
}

function sorted<T>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
