import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

/** First part of the names of the deployed tables and bucket. */
export const deployedEnvironment = process.env['TEST_AWS_ENV'] ?? '';

/** Name of the deployed bucket for contents. */
export const contentBucket = `${deployedEnvironment}-workspace-artifacts`;

/** The database at the endpoint of this run. */
export const dynamo = new DynamoDBClient({});

/** The object store at the endpoint of this run. */
export const s3 = new S3Client({
  forcePathStyle: true,
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
});
