import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import { acknowledge } from '../nag/acknowledge.ts';

/** Port on which every task answers. */
export const taskPort = 8443;

/** The network of an environment: load balancer in public subnets, tasks in private ones. */
export class NetworkStack extends Stack {
  readonly vpc: Vpc;
  /** Of the load balancer: HTTPS from everywhere, nothing but the tasks' port to the inside. */
  readonly entranceGroup: SecurityGroup;
  /** Of the tasks: their port from the load balancer, HTTPS to the outside. */
  readonly tasksGroup: SecurityGroup;
  /** Encrypts every log of the environment. */
  readonly logKey: Key;

  readonly #zones: readonly string[];

  constructor(scope: Construct, id: string, props: StackProps & { readonly deployment: Deployment }) {
    super(scope, id, props);
    this.#zones = props.deployment.settings.zones.map((letter) => `${props.deployment.region}${letter}`);
    const { settings } = props.deployment;
    this.vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.40.0.0/16'),
      availabilityZones: [...this.#zones],
      natGateways: settings.natGateways,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'tasks', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
      ],
    });
    acknowledge(
      this.vpc,
      'CloudFormation-Validate::W3010',
      'The zones are part of the settings, so that the templates do not depend on the account that synthesizes them.',
    );
    this.logKey = this.#logKey(props.deployment);
    this.#recordTraffic(settings.logRetentionDays);
    this.entranceGroup = this.#group('Entrance', 'Load balancer');
    this.tasksGroup = this.#group('Tasks', 'Tasks of the services');
    this.#allowTraffic();
    this.#addEndpoints(settings.interfaceEndpoints);
  }

  /** Named here, because asking the account for them would make the templates depend on who synthesizes. */
  override get availabilityZones(): string[] {
    return [...this.#zones];
  }

  #group(id: string, description: string): SecurityGroup {
    return new SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: false });
  }

  #logKey({ environment, region, account, settings }: Deployment): Key {
    const key = new Key(this, 'LogKey', {
      description: `Encrypts the logs of ${environment}`,
      enableKeyRotation: true,
      removalPolicy: settings.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
        actions: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
          'kms:GenerateDataKey',
          'kms:GenerateDataKeyWithoutPlaintext',
          'kms:DescribeKey',
        ],
        // In a key's own policy, every resource is the key.
        resources: ['*'],
        conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${region}:${account}:*` } },
      }),
    );
    return key;
  }

  #recordTraffic(retention: number): void {
    const logGroup = new LogGroup(this, 'Flows', {
      retention,
      encryptionKey: this.logKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.vpc.addFlowLog('Rejected', {
      destination: FlowLogDestination.toCloudWatchLogs(logGroup),
      trafficType: FlowLogTrafficType.REJECT,
    });
  }

  #allowTraffic(): void {
    this.entranceGroup.addIngressRule(Peer.anyIpv4(), Port.tcp(443), 'HTTPS of people and runtimes');
    this.entranceGroup.addEgressRule(this.tasksGroup, Port.tcp(taskPort), 'HTTPS to the tasks');
    this.tasksGroup.addIngressRule(this.entranceGroup, Port.tcp(taskPort), 'HTTPS of the load balancer');
    this.tasksGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'HTTPS to AWS, the OpenID provider and the services');
    acknowledge(
      this.entranceGroup,
      'AwsSolutions-EC23',
      'The services are used by desktops anywhere, so their HTTPS port is open to every address and each request is authenticated.',
    );
  }

  #addEndpoints(interfaces: boolean): void {
    this.vpc.addGatewayEndpoint('DynamoDb', { service: GatewayVpcEndpointAwsService.DYNAMODB });
    this.vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
    if (!interfaces) return;
    const { ECR, ECR_DOCKER, CLOUDWATCH_LOGS, SECRETS_MANAGER, KMS } = InterfaceVpcEndpointAwsService;
    const group = this.#group('Endpoints', 'Private addresses of AWS services');
    group.addIngressRule(this.tasksGroup, Port.tcp(443), 'HTTPS of the tasks');
    const services = { Ecr: ECR, EcrDocker: ECR_DOCKER, Logs: CLOUDWATCH_LOGS, Secrets: SECRETS_MANAGER, Kms: KMS };
    for (const [id, service] of Object.entries(services)) {
      this.vpc.addInterfaceEndpoint(id, { service, open: false, securityGroups: [group] });
    }
  }
}
