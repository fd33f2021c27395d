import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import {
  ContainerImage,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
  PropagatedTagSource,
  Secret as ContainerSecret,
} from 'aws-cdk-lib/aws-ecs';
import type { Cluster, ContainerDefinition } from 'aws-cdk-lib/aws-ecs';
import { ApplicationProtocol, ApplicationTargetGroup, TargetType } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret as StoredSecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ServiceName } from '@steward/service-kit';
import { Construct } from 'constructs';
import { access } from '../access/access.ts';
import type { Deployment } from '../deployment.ts';
import { acknowledge } from '../nag/acknowledge.ts';
import type { ServiceSecrets } from '../stacks/data.ts';
import { taskPort } from '../stacks/network.ts';
import { containerUser, runFolder, serviceEnvironment } from './service-environment.ts';

/** What a {@link ContainerService} is made of. */
export interface ContainerServiceProps {
  readonly deployment: Deployment;
  readonly name: ServiceName;
  readonly cluster: Cluster;
  readonly repository: IRepository;
  readonly securityGroup: ISecurityGroup;
  /** Encrypts the log. */
  readonly logKey: IKey;
  readonly contentBucket: string;
  readonly secrets: ServiceSecrets;
  /** All that the task's role may do. */
  readonly statements: readonly PolicyStatement[];
}

/** One service: its tasks, their role, secrets and log, how many of them run, and where the load balancer sends to. */
export class ContainerService extends Construct {
  readonly service: FargateService;
  readonly targets: ApplicationTargetGroup;
  readonly logGroup: LogGroup;
  readonly #props: ContainerServiceProps;

  constructor(scope: Construct, id: string, props: ContainerServiceProps) {
    super(scope, id);
    this.#props = props;
    this.logGroup = this.#logGroup();
    const task = this.#taskDefinition();
    this.service = this.#fargateService(task);
    this.targets = this.#targetGroup();
    this.#scale();
  }

  #logGroup(): LogGroup {
    const { environment, settings } = this.#props.deployment;
    return new LogGroup(this, 'Log', {
      logGroupName: `/steward/${environment}/${this.#props.name}`,
      retention: settings.logRetentionDays,
      encryptionKey: this.#props.logKey,
      removalPolicy: settings.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }

  #taskDefinition(): FargateTaskDefinition {
    const { deployment, name, statements, contentBucket } = this.#props;
    const { cpu, memoryMiB } = deployment.settings.tasks;
    const task = new FargateTaskDefinition(this, 'Task', {
      family: `${deployment.environment}-steward-${name}`,
      cpu,
      memoryLimitMiB: memoryMiB,
      runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
      // Encrypted by Fargate, empty at every start, gone with the task.
      volumes: [{ name: 'run' }, { name: 'tmp' }],
    });
    for (const statement of statements) task.addToTaskRolePolicy(statement);
    const container = this.#container(task);
    container.addMountPoints(
      { sourceVolume: 'run', containerPath: runFolder, readOnly: false },
      { sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false },
    );
    acknowledge(
      task,
      'AwsSolutions-ECS2',
      'The plain settings hold addresses and names only; every secret comes from Secrets Manager.',
    );
    acknowledge(
      task,
      'AwsSolutions-IAM5[Resource::*]',
      'The login to the image registry has no resource to name; the role may pull from its own repository only.',
    );
    if (access[name].content === true) {
      acknowledge(
        task,
        `AwsSolutions-IAM5[Resource::arn:aws:s3:::${contentBucket}/*]`,
        'Objects are named by workspace and artifact, which do not exist yet when the role is made; the bucket itself is named exactly.',
      );
    }
    return task;
  }

  #container(task: FargateTaskDefinition): ContainerDefinition {
    const { deployment, name, repository, contentBucket, secrets } = this.#props;
    const { signingKeys } = access[name];
    return task.addContainer('service', {
      containerName: name,
      image: ContainerImage.fromEcrRepository(repository, deployment.imageTag),
      user: containerUser,
      readonlyRootFilesystem: true,
      privileged: false,
      environment: serviceEnvironment(deployment, name, contentBucket),
      secrets: {
        OIDC_CLIENT_SECRET: this.#containerSecret('ClientSecret', secrets.client),
        ...(signingKeys === undefined || secrets.signingKeys === undefined
          ? {}
          : { [signingKeys.secretVariable]: this.#containerSecret('SigningKeys', secrets.signingKeys) }),
      },
      logging: LogDrivers.awsLogs({ logGroup: this.logGroup, streamPrefix: name }),
      portMappings: [{ containerPort: taskPort }],
      healthCheck: {
        command: ['CMD', '/usr/local/bin/node', '/app/healthcheck.js'],
        interval: Duration.seconds(10),
        timeout: Duration.seconds(4),
        retries: 3,
        startPeriod: Duration.seconds(20),
      },
      // Longer than a drain, shorter than the load balancer's patience.
      stopTimeout: Duration.seconds(60),
    });
  }

  /** By reference: a grant on the stack's own objects would make the data depend on the services. */
  #containerSecret(id: string, { secretArn, encryptionKey }: Secret): ContainerSecret {
    const key =
      encryptionKey === undefined ? {} : { encryptionKey: Key.fromKeyArn(this, `${id}Key`, encryptionKey.keyArn) };
    const attributes = { secretCompleteArn: secretArn, ...key };
    return ContainerSecret.fromSecretsManager(StoredSecret.fromSecretAttributes(this, id, attributes));
  }

  #fargateService(taskDefinition: FargateTaskDefinition): FargateService {
    const { deployment, name, cluster, securityGroup } = this.#props;
    return new FargateService(this, 'Service', {
      serviceName: name,
      cluster,
      taskDefinition,
      desiredCount: deployment.settings.tasks.min,
      securityGroups: [securityGroup],
      assignPublicIp: false,
      circuitBreaker: { rollback: true },
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      healthCheckGracePeriod: Duration.seconds(30),
      enableExecuteCommand: false,
      propagateTags: PropagatedTagSource.SERVICE,
    });
  }

  #targetGroup(): ApplicationTargetGroup {
    const targets = new ApplicationTargetGroup(this, 'Targets', {
      vpc: this.#props.cluster.vpc,
      port: taskPort,
      protocol: ApplicationProtocol.HTTPS,
      targetType: TargetType.IP,
      targets: [this.service],
      deregistrationDelay: Duration.seconds(30),
      healthCheck: {
        path: '/readyz',
        healthyHttpCodes: '200',
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    });
    return targets;
  }

  #scale(): void {
    const { min, max } = this.#props.deployment.settings.tasks;
    const scaling = this.service.autoScaleTaskCount({ minCapacity: min, maxCapacity: max });
    const cooldowns = { scaleInCooldown: Duration.minutes(5), scaleOutCooldown: Duration.seconds(30) };
    scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 55, ...cooldowns });
    scaling.scaleOnMemoryUtilization('Memory', { targetUtilizationPercent: 70, ...cooldowns });
  }
}
