import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { contentBucket, deployedEnvironment, dynamo, s3 } from '../support/aws.ts';

describe('the deployed data stack after the conversations', () => {
  it.each(['sessions', 'tasks', 'policies', 'approvals', 'audit-events', 'workspaces', 'artifacts'])(
    'holds rows of %s, so the services kept them there and nowhere else',
    async (name) => {
      const { Count } = await dynamo.send(
        new ScanCommand({ TableName: `${deployedEnvironment}-${name}`, Select: 'COUNT' }),
      );

      expect(Count).toBeGreaterThan(0);
    },
  );

  it('holds contents in the bucket, and versions of what was deleted', async () => {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: contentBucket }),
    );

    expect(Versions.some(({ IsLatest }) => IsLatest)).toBe(true);
    expect(DeleteMarkers.length).toBeGreaterThan(0);
  });
});
