import { environmentNames, environmentSettings } from './settings.ts';
import type { EnvironmentName, EnvironmentSettings } from './settings.ts';

/** Everything that a deployment is computed from. */
export interface Deployment {
  readonly environment: EnvironmentName;
  readonly settings: EnvironmentSettings;
  readonly account: string;
  readonly region: string;
  /** Services answer at `{service}.{domain}`. */
  readonly domain: string;
  /** Route 53 zone that holds the domain. */
  readonly hostedZoneId: string;
  /** Address of the OpenID provider. */
  readonly oidcIssuer: string;
  /** Who is told about alarms and costs. */
  readonly operatorEmail: string;
  /** Tag of the images that run, a version or a commit. */
  readonly imageTag: string;
  /** Behind the bucket's name, since all of Amazon's customers share one space of names; may be empty. */
  readonly bucketSuffix: string;
}

/** Thrown when a deployment is described wrongly; the message names the context key and the rule. */
export class DeploymentError extends Error {
  override readonly name = 'DeploymentError';
}

/**
 * Reads a deployment from the context of the command line (`-c key=value`) or `cdk.json`. Throws DeploymentError.
 * @param context value of a context key, undefined where it is not given
 */
export function readDeployment(context: (key: string) => unknown): Deployment {
  const environment = text(context, 'environment', /^[a-z]+$/, 'one of dev, staging and prod');
  if (!isEnvironmentName(environment)) {
    throw new DeploymentError(`environment is ${environment}; it must be one of ${environmentNames.join(', ')}.`);
  }
  return {
    environment,
    settings: environmentSettings[environment],
    account: text(context, 'account', /^\d{12}$/, 'the twelve digits of the account'),
    region: text(context, 'region', /^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-central-1'),
    domain: text(context, 'domain', /^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a domain such as steward.example.com'),
    hostedZoneId: text(context, 'hostedZoneId', /^Z[A-Z0-9]+$/, 'the id of the Route 53 zone of the domain'),
    oidcIssuer: text(context, 'oidcIssuer', /^https:\/\/[^\s?#]+$/, 'the https address of the OpenID provider'),
    operatorEmail: text(context, 'operatorEmail', /^[^\s@]+@[^\s@]+$/, 'an e-mail address'),
    imageTag: text(context, 'imageTag', /^[\w][\w.-]{0,127}$/, 'the tag of the images'),
    bucketSuffix: text(
      context,
      'bucketSuffix',
      /^(-[a-z0-9-]{1,36})?$/,
      'empty, or a dash and up to 36 characters',
      '',
    ),
  };
}

function isEnvironmentName(name: string): name is EnvironmentName {
  return (environmentNames as readonly string[]).includes(name);
}

function text(
  context: (key: string) => unknown,
  key: string,
  pattern: RegExp,
  rule: string,
  fallback?: string,
): string {
  const value = context(key) ?? fallback;
  if (value === undefined) throw new DeploymentError(`${key} is not given: add -c ${key}=…, ${rule}.`);
  // Context values of a command line are text; a file may hold an account as a number.
  const given = String(value);
  if (!pattern.test(given)) throw new DeploymentError(`${key} is ${given}; it must be ${rule}.`);
  return given;
}
