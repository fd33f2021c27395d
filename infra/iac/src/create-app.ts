import { Tags, Validations } from 'aws-cdk-lib';
import type { App, StackProps } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Deployment } from './deployment.ts';
import { DataStack } from './stacks/data.ts';
import { NetworkStack } from './stacks/network.ts';
import { ObservabilityStack } from './stacks/observability.ts';
import { ReleasesStack } from './stacks/releases.ts';
import { ServicesStack } from './stacks/services.ts';

/** The stacks of one environment. */
export interface StewardStacks {
  readonly network: NetworkStack;
  readonly data: DataStack;
  readonly releases: ReleasesStack;
  readonly services: ServicesStack;
  readonly observability: ObservabilityStack;
}

/** Today's behaviour of the library where its default is an older one. */
const featureFlags = [
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy',
  '@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker',
  '@aws-cdk/core:checkSecretUsage',
];

/** Adds the stacks `steward-{environment}-{name}` of a deployment to the app; a finding of the rule pack stops its synthesis. */
export function createStacks(app: App, deployment: Deployment): StewardStacks {
  const { environment, account, region, settings } = deployment;
  for (const flag of featureFlags) app.node.setContext(flag, true);
  // A stack whose outputs another one uses can't be taken away from under it.
  app.node.setContext('@aws-cdk/core:defaultCrossStackReferences', 'strong');
  const props = (name: string): StackProps & { deployment: Deployment } => ({
    stackName: `steward-${environment}-${name}`,
    env: { account, region },
    terminationProtection: settings.retainData,
    deployment,
  });
  const network = new NetworkStack(app, `steward-${environment}-network`, props('network'));
  const data = new DataStack(app, `steward-${environment}-data`, props('data'));
  const releases = new ReleasesStack(app, `steward-${environment}-releases`, props('releases'));
  const services = new ServicesStack(app, `steward-${environment}-services`, {
    ...props('services'),
    deployment,
    network,
    data,
    releases,
  });
  const observability = new ObservabilityStack(app, `steward-${environment}-observability`, {
    ...props('observability'),
    deployment,
    data,
    services,
  });
  Tags.of(app).add('steward-environment', environment);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { network, data, releases, services, observability };
}
