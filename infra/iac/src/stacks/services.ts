import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ListenerAction,
  ListenerCondition,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { ApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { tableName } from '@steward/service-kit';
import type { ServiceName } from '@steward/service-kit';
import type { Construct } from 'constructs';
import { access } from '../access/access.ts';
import { contentStatements, keyStatement } from '../access/content-statements.ts';
import { tableStatements } from '../access/table-statements.ts';
import type { Deployment } from '../deployment.ts';
import { acknowledge } from '../nag/acknowledge.ts';
import { ContainerService } from '../services/container-service.ts';
import { serviceUrl } from '../services/service-environment.ts';
import { serviceNames } from '../services/service-names.ts';
import type { DataStack } from './data.ts';
import type { NetworkStack } from './network.ts';
import type { ReleasesStack } from './releases.ts';

/** What the services of an environment stand on. */
export interface ServicesStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly network: NetworkStack;
  readonly data: DataStack;
  readonly releases: ReleasesStack;
}

/** The services of an environment behind one HTTPS entrance. */
export class ServicesStack extends Stack {
  readonly cluster: Cluster;
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly services: ReadonlyMap<ServiceName, ContainerService>;
  readonly #props: ServicesStackProps;

  constructor(scope: Construct, id: string, props: ServicesStackProps) {
    super(scope, id, props);
    this.#props = props;
    const { environment } = props.deployment;
    this.cluster = new Cluster(this, 'Cluster', {
      clusterName: `${environment}-steward`,
      vpc: props.network.vpc,
      containerInsightsV2: ContainerInsights.ENHANCED,
    });
    this.loadBalancer = this.#loadBalancer();
    this.services = new Map(serviceNames.map((name) => [name, this.#service(name)]));
    this.#route();
  }

  #service(name: ServiceName): ContainerService {
    const { deployment, data, releases, network } = this.#props;
    const repository = releases.repositories.get(name);
    const secrets = data.secrets.get(name);
    if (repository === undefined || secrets === undefined) throw new Error(`${name} has no images or no secrets.`);
    return new ContainerService(this, name, {
      deployment,
      name,
      cluster: this.cluster,
      repository,
      securityGroup: network.tasksGroup,
      logKey: network.logKey,
      contentBucket: data.contentBucketName,
      secrets,
      statements: this.#statements(name),
    });
  }

  #statements(name: ServiceName): PolicyStatement[] {
    const { data, deployment } = this.#props;
    const own = access[name];
    // By name, not by reference: a role then reads as what it allows, and an index needs no wildcard.
    const arns = new Map(
      [...data.tables.keys()].map((table) => [
        table,
        `arn:aws:dynamodb:${deployment.region}:${deployment.account}:table/${tableName(deployment.environment, table)}`,
      ]),
    );
    const usesTables = Object.keys(own.tables).length > 0;
    return [
      ...tableStatements(own, arns),
      ...(usesTables ? [keyStatement(data.tableKey, `dynamodb.${deployment.region}.amazonaws.com`)] : []),
      ...(own.content === true
        ? [
            ...contentStatements(data.contentBucketName),
            keyStatement(data.contentKey, `s3.${deployment.region}.amazonaws.com`),
          ]
        : []),
    ];
  }

  #loadBalancer(): ApplicationLoadBalancer {
    const { network, deployment } = this.#props;
    const { environment, settings } = deployment;
    const loadBalancer = new ApplicationLoadBalancer(this, 'Entrance', {
      loadBalancerName: `${environment}-steward`,
      vpc: network.vpc,
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      internetFacing: true,
      securityGroup: network.entranceGroup,
      dropInvalidHeaderFields: true,
      deletionProtection: settings.retainData,
      // Streams of events are kept open by a comment every 15 s.
      idleTimeout: Duration.seconds(120),
    });
    const logs = new Bucket(this, 'EntranceLogs', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // Load balancers can't deliver to a bucket with a key of one's own.
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [{ expiration: Duration.days(settings.logRetentionDays) }],
      removalPolicy: settings.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledge(
      logs,
      'AwsSolutions-S1',
      'This bucket receives access logs, and logging its own access would never end.',
    );
    loadBalancer.logAccessLogs(logs, 'entrance');
    return loadBalancer;
  }

  #route(): void {
    const { domain, hostedZoneId } = this.#props.deployment;
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId, zoneName: domain });
    const certificate = new Certificate(this, 'Certificate', {
      domainName: `*.${domain}`,
      validation: CertificateValidation.fromDns(zone),
    });
    const listener = this.loadBalancer.addListener('Https', {
      port: 443,
      protocol: ApplicationProtocol.HTTPS,
      certificates: [certificate],
      sslPolicy: SslPolicy.TLS13_RES,
      open: false,
      defaultAction: ListenerAction.fixedResponse(404, { contentType: 'text/plain', messageBody: 'No such service.' }),
    });
    serviceNames.forEach((name, index) => this.#routeTo(listener, zone, name, index + 1));
  }

  #routeTo(
    listener: ApplicationListener,
    zone: ReturnType<typeof HostedZone.fromHostedZoneAttributes>,
    name: ServiceName,
    priority: number,
  ): void {
    const { deployment } = this.#props;
    const service = this.services.get(name);
    if (service === undefined) return;
    listener.addTargetGroups(`To-${name}`, {
      priority,
      conditions: [ListenerCondition.hostHeaders([`${name}.${deployment.domain}`])],
      targetGroups: [service.targets],
    });
    new ARecord(this, `Name-${name}`, {
      zone,
      recordName: name,
      target: RecordTarget.fromAlias(new LoadBalancerTarget(this.loadBalancer)),
    });
    new CfnOutput(this, `Address-${name}`, { value: serviceUrl(deployment, name) });
  }
}
