import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { createStacks } from '../../src/create-app.ts';
import type { StewardStacks } from '../../src/create-app.ts';
import { readDeployment } from '../../src/deployment.ts';
import type { Deployment } from '../../src/deployment.ts';
import type { EnvironmentName } from '../../src/settings.ts';

/** What an operator would give on the command line. */
export const context: Readonly<Record<string, string>> = {
  account: '111122223333',
  region: 'eu-central-1',
  domain: 'steward.example.com',
  hostedZoneId: 'Z0123456789ABC',
  oidcIssuer: 'https://login.example.com',
  operatorEmail: 'operator@example.com',
  imageTag: '1.0.0',
};

/** A resource of a template. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

/** The stacks of an environment and their templates by the stacks' short names. */
export interface Synthesized {
  readonly app: App;
  readonly deployment: Deployment;
  readonly stacks: StewardStacks;
  readonly templates: Readonly<Record<keyof StewardStacks, Template>>;
  /** Every resource of a type in all stacks. */
  ofType(type: string): [string, TemplateResource][];
}

const done = new Map<EnvironmentName, Synthesized>();

/** Synthesizes an environment once per test file. */
export function synthesize(environment: EnvironmentName): Synthesized {
  const known = done.get(environment);
  if (known !== undefined) return known;
  const app = new App();
  const deployment = readDeployment((key) => ({ ...context, environment })[key]);
  const stacks = createStacks(app, deployment);
  const templates = Object.fromEntries(
    Object.entries(stacks).map(([name, stack]) => [name, Template.fromStack(stack)]),
  ) as Synthesized['templates'];
  const ofType = (type: string): [string, TemplateResource][] =>
    Object.entries(templates).flatMap(([name, template]) =>
      Object.entries(template.findResources(type)).map(([id, resource]): [string, TemplateResource] => [
        `${name}/${id}`,
        resource as unknown as TemplateResource,
      ]),
    );
  const synthesized = { app, deployment, stacks, templates, ofType };
  done.set(environment, synthesized);
  return synthesized;
}
