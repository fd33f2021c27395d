/** The environment of an AWS endpoint on this machine, and the deployment of the synthesized data stack into it. */
import { dirname, join } from 'node:path';
import { run } from './processes.mjs';

const ACCOUNT = '000000000000';
const REGION = 'eu-central-1';

/** Name of the deployed environment, the first part of its tables' and bucket's names. */
export const DEPLOYED = 'dev';

/** Variables with which any AWS client reaches the endpoint. */
export function cloudEnvironment(endpoint) {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
}

/** `cdk bootstrap` and `cdk deploy` of the data stack, with the pinned command line of the workspace. */
export async function deployData(root, endpoint) {
  const cdk = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const cwd = join(root, 'infra', 'iac');
  const context = {
    environment: DEPLOYED,
    account: ACCOUNT,
    region: REGION,
    domain: 'steward.example.com',
    hostedZoneId: 'Z0123456789ABC',
    oidcIssuer: 'https://login.example.com',
    operatorEmail: 'operator@example.com',
    imageTag: 'none',
  };
  const flags = Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const env = { ...process.env, ...cloudEnvironment(endpoint), CI: 'true' };
  const output = ['--output', join(root, 'dist', 'cdk.test-aws')];
  const call = (...args) =>
    run(process.execPath, [cdk, ...args, ...flags, ...output], { cwd, env, timeoutMs: 180_000 });
  await call('bootstrap', `aws://${ACCOUNT}/${REGION}`);
  await call('deploy', `steward-${DEPLOYED}-data`, '--exclusively', '--require-approval', 'never');
}

/** The path with the command line of AWS that came with the virtual environment in front. */
export function pathWith(bin) {
  return `${bin}:${dirname(process.execPath)}:${process.env.PATH}`;
}
