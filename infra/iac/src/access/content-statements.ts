import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';

/** What the service of contents may do: list the bucket, and read, write and delete objects. */
export function contentStatements(bucketName: string): PolicyStatement[] {
  const bucket = `arn:aws:s3:::${bucketName}`;
  return [
    new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket] }),
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
      resources: [`${bucket}/*`],
    }),
  ];
}

/** Use of a key by way of one AWS service only, such as `dynamodb.eu-central-1.amazonaws.com`. */
export function keyStatement(key: IKey, viaService: string): PolicyStatement {
  return new PolicyStatement({
    actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': viaService } },
  });
}
