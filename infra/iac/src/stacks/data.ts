import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { tables } from '@steward/contracts';
import type { TableDefinition } from '@steward/contracts';
import { tableName } from '@steward/service-kit';
import type { ServiceName } from '@steward/service-kit';
import type { Construct } from 'constructs';
import { access } from '../access/access.ts';
import type { Deployment } from '../deployment.ts';
import { acknowledge } from '../nag/acknowledge.ts';
import { serviceNames } from '../services/service-names.ts';

/** The secrets of one service; an operator fills them in before the service is deployed. */
export interface ServiceSecrets {
  /** What the service shows the OpenID provider. */
  readonly client: Secret;
  /** Private key set with which the service signs. */
  readonly signingKeys?: Secret;
}

/** Tables, content and secrets of an environment, with the keys that encrypt them. */
export class DataStack extends Stack {
  /** By the table's name in the contracts. */
  readonly tables: ReadonlyMap<string, Table>;
  readonly tableKey: Key;
  readonly contentBucket: Bucket;
  /** Real name, known before the stack exists. */
  readonly contentBucketName: string;
  readonly contentKey: Key;
  readonly secrets: ReadonlyMap<ServiceName, ServiceSecrets>;
  readonly #deployment: Deployment;

  constructor(scope: Construct, id: string, props: StackProps & { readonly deployment: Deployment }) {
    super(scope, id, props);
    this.#deployment = props.deployment;
    this.tableKey = this.#key('TableKey', 'Encrypts the tables');
    this.contentKey = this.#key('ContentKey', 'Encrypts the contents of artifacts');
    this.tables = new Map(tables.tables.map((table) => [table.name, this.#table(table)]));
    const secretKey = this.#key('SecretKey', 'Encrypts the secrets of the services');
    this.secrets = new Map(serviceNames.map((name) => [name, this.#secretsOf(name, secretKey)]));
    const [content] = tables.buckets;
    if (content === undefined) throw new Error('The contracts name no bucket for contents.');
    const { environment, bucketSuffix } = props.deployment;
    this.contentBucketName = `${tableName(environment, content.name)}${bucketSuffix}`;
    this.contentBucket = this.#contentBucket();
  }

  get #removalPolicy(): RemovalPolicy {
    return this.#deployment.settings.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
  }

  #key(id: string, description: string): Key {
    const { environment } = this.#deployment;
    return new Key(this, id, {
      description: `${description} of ${environment}`,
      enableKeyRotation: true,
      removalPolicy: this.#removalPolicy,
    });
  }

  #secretsOf(name: ServiceName, key: Key): ServiceSecrets {
    const client = this.#secret(name, 'client-secret', 'What the service shows the OpenID provider', key);
    if (access[name].signingKeys === undefined) return { client };
    const keySet = 'Private key set with which the service signs';
    return { client, signingKeys: this.#secret(name, 'signing-keys', keySet, key) };
  }

  #secret(name: ServiceName, part: string, description: string, encryptionKey: Key): Secret {
    const secret = new Secret(this, `Secret-${name}-${part}`, {
      secretName: `steward/${this.#deployment.environment}/${name}/${part}`,
      description,
      encryptionKey,
      removalPolicy: this.#removalPolicy,
    });
    acknowledge(
      secret,
      'AwsSolutions-SMG4',
      'Rotating it needs the OpenID provider or a new signing key that is published beside the old one, so an operator does it by the documented procedure.',
    );
    return secret;
  }

  #table(definition: TableDefinition): Table {
    const { environment, settings } = this.#deployment;
    const table = new Table(this, `Table-${definition.name}`, {
      tableName: tableName(environment, definition.name),
      ...keysOf(definition),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.tableKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 35 },
      ...(definition.ttl === undefined ? {} : { timeToLiveAttribute: definition.ttl }),
      deletionProtection: settings.retainData,
      removalPolicy: this.#removalPolicy,
    });
    for (const { name, ...index } of definition.gsis) {
      table.addGlobalSecondaryIndex({ indexName: name, ...keysOf(index) });
    }
    return table;
  }

  #contentBucket(): Bucket {
    const { settings } = this.#deployment;
    const common = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: this.#removalPolicy,
    };
    const accessLogs = new Bucket(this, 'ContentAccessLogs', {
      ...common,
      // Deliveries of access logs can't be encrypted with a key of one's own.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(settings.logRetentionDays) }],
    });
    acknowledge(
      accessLogs,
      'AwsSolutions-S1',
      'This bucket receives access logs, and logging its own access would never end.',
    );
    return new Bucket(this, 'Content', {
      ...common,
      bucketName: this.contentBucketName,
      encryption: BucketEncryption.KMS,
      encryptionKey: this.contentKey,
      bucketKeyEnabled: true,
      versioned: true,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'content/',
      lifecycleRules: [
        {
          noncurrentVersionExpiration: Duration.days(settings.objectVersionDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
          expiredObjectDeleteMarker: true,
        },
      ],
    });
  }
}

function keysOf(keys: Pick<TableDefinition, 'hashKey' | 'rangeKey' | 'rangeKeyType'>) {
  const range = keys.rangeKeyType === 'N' ? AttributeType.NUMBER : AttributeType.STRING;
  return {
    partitionKey: { name: keys.hashKey, type: AttributeType.STRING },
    ...(keys.rangeKey === undefined ? {} : { sortKey: { name: keys.rangeKey, type: range } }),
  };
}
