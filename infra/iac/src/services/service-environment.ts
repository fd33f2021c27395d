import type { ServiceName } from '@steward/service-kit';
import { access } from '../access/access.ts';
import type { Deployment } from '../deployment.ts';
import { taskPort } from '../stacks/network.ts';
import { serviceNames } from './service-names.ts';

/** Folder of a task that it may write: keys and certificate of this start, gone with the task. */
export const runFolder = '/run/steward';

/** Account and group that a task runs as; neither has a name in the image. */
export const containerUser = '10001:10001';

/** The address at which clients and other services reach a service. */
export function serviceUrl(deployment: Deployment, name: ServiceName): string {
  return `https://${name}.${deployment.domain}/v1`;
}

/** The plain settings of a service's container; secrets come from elsewhere. */
export function serviceEnvironment(
  deployment: Deployment,
  name: ServiceName,
  contentBucket: string,
): Record<string, string> {
  const { signingKeys, content } = access[name];
  return {
    NODE_ENV: 'production',
    STEWARD_ENV: deployment.environment,
    HOST: '0.0.0.0',
    PORT: String(taskPort),
    RUN_FOLDER: runFolder,
    OIDC_ISSUER: deployment.oidcIssuer,
    OIDC_AUDIENCES: `urn:steward:api,urn:steward:service:${name}`,
    OIDC_CLIENT_ID: `${name}-service`,
    STEWARD_STORE: 'dynamo',
    AWS_REGION: deployment.region,
    ...(content === true ? { CONTENT_STORE: 's3', CONTENT_BUCKET: contentBucket } : {}),
    ...(signingKeys === undefined
      ? {}
      : { [signingKeys.fileVariable]: `${runFolder}/${signingKeys.secretVariable.toLowerCase()}.json` }),
    ...Object.fromEntries(
      serviceNames.map((other) => [`${other.toUpperCase()}_SERVICE_URL`, serviceUrl(deployment, other)]),
    ),
  };
}
