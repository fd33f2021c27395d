import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import {
  Distribution,
  HeadersFrameOption,
  HttpVersion,
  PriceClass,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Repository, RepositoryEncryption, TagMutability } from 'aws-cdk-lib/aws-ecr';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import { acknowledge } from '../nag/acknowledge.ts';
import { serviceNames } from '../services/service-names.ts';

/** Where images of the services and bundles of the runtime are published. */
export class ReleasesStack extends Stack {
  /** By the service's name. */
  readonly repositories: ReadonlyMap<string, Repository>;

  constructor(scope: Construct, id: string, props: StackProps & { readonly deployment: Deployment }) {
    super(scope, id, props);
    const { environment, settings } = props.deployment;
    const removalPolicy = settings.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.repositories = new Map(
      serviceNames.map((name) => [
        name,
        new Repository(this, `Images-${name}`, {
          repositoryName: `${environment}/steward-${name}`,
          imageTagMutability: TagMutability.IMMUTABLE,
          imageScanOnPush: true,
          encryption: RepositoryEncryption.KMS,
          lifecycleRules: [{ description: 'Room to roll back', maxImageCount: 50 }],
          removalPolicy,
        }),
      ]),
    );
    this.#publishRuntimes(removalPolicy, settings.logRetentionDays);
  }

  #publishRuntimes(removalPolicy: RemovalPolicy, logDays: number): void {
    const common = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy,
    };
    const logs = new Bucket(this, 'AccessLogs', {
      ...common,
      // CloudFront writes its logs as an owner of its own.
      objectOwnership: ObjectOwnership.OBJECT_WRITER,
      lifecycleRules: [{ expiration: Duration.days(logDays) }],
    });
    acknowledge(
      logs,
      'AwsSolutions-S1',
      'This bucket receives access logs, and logging its own access would never end.',
    );
    const bundles = new Bucket(this, 'Bundles', {
      ...common,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      serverAccessLogsBucket: logs,
      serverAccessLogsPrefix: 'bundles/',
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
    const distribution = new Distribution(this, 'Downloads', {
      comment: 'Runtime bundles; whoever downloads one compares its digest',
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(bundles),
        viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
        responseHeadersPolicy: secureHeaders(this),
      },
      enableLogging: true,
      logBucket: logs,
      logFilePrefix: 'downloads/',
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
    });
    acknowledge(
      distribution,
      'AwsSolutions-CFR1',
      'Runtimes are downloaded wherever people work, so no country is shut out.',
    );
    acknowledge(
      distribution,
      'AwsSolutions-CFR2',
      'The distribution serves immutable public files by GET from a private bucket, so a request firewall has nothing to protect.',
    );
    acknowledge(
      distribution,
      'AwsSolutions-CFR4',
      'The default certificate of CloudFront fixes the protocol list; clients of this product speak TLS 1.2 or newer, and whoever installs compares the digest.',
    );
    new CfnOutput(this, 'BundleBucket', { value: bundles.bucketName });
    new CfnOutput(this, 'DownloadAddress', { value: `https://${distribution.distributionDomainName}` });
  }
}

function secureHeaders(scope: Construct): ResponseHeadersPolicy {
  return new ResponseHeadersPolicy(scope, 'DownloadHeaders', {
    securityHeadersBehavior: {
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: true, override: true },
    },
  });
}
