import { describe, expect, it } from '@jest/globals';
import { tables } from '@steward/contracts';
import { createInputOf } from '@steward/service-kit';
import { environmentSettings } from '../../src/settings.ts';
import type { EnvironmentName } from '../../src/settings.ts';
import type { Synthesized } from '../support/synthesize.ts';

const tableType = 'AWS::DynamoDB::Table';

/** What holds for the tables, buckets and keys of an environment. */
export function describeData(environment: EnvironmentName, synthesized: () => Synthesized): void {
  describe(`the data of ${environment}`, () => {
    const settings = environmentSettings[environment];
    const ofType = (type: string) => synthesized().ofType(type);
    const tablesOf = () => ofType(tableType).map(([, resource]) => resource);

    it('has the very tables that a local start creates', () => {
      const local = tables.tables.map((table) => createInputOf(environment, table));

      const cloud = tablesOf().map(({ Properties: table }) => ({
        TableName: table['TableName'],
        BillingMode: table['BillingMode'],
        KeySchema: table['KeySchema'],
        AttributeDefinitions: table['AttributeDefinitions'],
        ...(table['GlobalSecondaryIndexes'] === undefined
          ? {}
          : { GlobalSecondaryIndexes: table['GlobalSecondaryIndexes'] }),
      }));

      expect(cloud.map(sorted)).toEqual(local.map(sorted));
    });

    it('lets the tables expire what the contracts say expires', () => {
      const expiring = tablesOf().map(({ Properties }) => [
        Properties['TableName'],
        Properties['TimeToLiveSpecification'],
      ]);

      expect(expiring).toEqual(
        tables.tables.map(({ name, ttl }) => [
          `${environment}-${name}`,
          ttl === undefined ? undefined : { AttributeName: ttl, Enabled: true },
        ]),
      );
    });

    it('can restore every table to any second of 35 days, and encrypts it with a key of its own', () => {
      for (const { Properties } of tablesOf()) {
        expect(Properties).toMatchObject({
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
          SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: expect.anything() },
          DeletionProtectionEnabled: settings.retainData,
        });
      }
    });

    it('rotates every key', () => {
      const keys = ofType('AWS::KMS::Key');

      expect(keys.length).toBeGreaterThanOrEqual(4);
      for (const [, { Properties }] of keys) expect(Properties).toMatchObject({ EnableKeyRotation: true });
    });

    it('keeps every bucket private and reachable by TLS only', () => {
      const policies = ofType('AWS::S3::BucketPolicy').map(([, { Properties }]) => JSON.stringify(Properties));

      const buckets = ofType('AWS::S3::Bucket');

      expect(policies).toHaveLength(buckets.length);
      for (const policy of policies) {
        expect(policy).toContain('"aws:SecureTransport":"false"');
        expect(policy).toContain('"s3:TlsVersion":1.2');
      }
      for (const [, { Properties }] of buckets) {
        expect(Properties).toMatchObject({
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
          BucketEncryption: expect.anything(),
        });
      }
    });

    it('keeps versions of contents, for the documented days', () => {
      const content = ofType('AWS::S3::Bucket').find(
        ([, { Properties }]) => Properties['BucketName'] === `${environment}-workspace-artifacts`,
      );

      expect(content?.[1].Properties).toMatchObject({
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } },
          ],
        },
        LifecycleConfiguration: {
          Rules: [
            {
              Status: 'Enabled',
              NoncurrentVersionExpiration: { NoncurrentDays: settings.objectVersionDays },
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
              ExpiredObjectDeleteMarker: true,
            },
          ],
        },
      });
    });

    it('outlives its stack where it is production', () => {
      const kept = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::SecretsManager::Secret']
        .flatMap((type) => ofType(type))
        .map(([id, { DeletionPolicy }]) => [id, DeletionPolicy]);

      expect(new Set(kept.map(([, policy]) => policy))).toEqual(new Set([settings.retainData ? 'Retain' : 'Delete']));
    });
  });
}

/** The order of attributes says nothing. */
function sorted<T extends { readonly AttributeDefinitions?: unknown }>(table: T): T {
  const attributes = table.AttributeDefinitions as { AttributeName: string }[];
  return {
    ...table,
    AttributeDefinitions: [...attributes].sort((a, b) => (a.AttributeName < b.AttributeName ? -1 : 1)),
  };
}
