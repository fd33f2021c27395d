import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EnvironmentName } from '../../src/settings.ts';

const folderOfPackage = join(dirname(fileURLToPath(import.meta.url)), '../..');

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

/** A finding of a rule that was accepted, with the reason given. */
export interface Acknowledgement {
  readonly construct: string;
  readonly rule: string;
  readonly reason: string;
}

/** What the program that `cdk` runs made of an environment. */
export interface Synthesized {
  /** By the stacks' short names, the resources by logical id. */
  readonly stacks: Readonly<Record<string, Readonly<Record<string, TemplateResource>>>>;
  readonly acknowledgements: readonly Acknowledgement[];
  /** Every resource of a type in all stacks, with `{stack}/{logical id}`. */
  ofType(type: string): [string, TemplateResource][];
}

/** Runs the program that `cdk` runs; throws with what it said when it does not end well, as with an open finding. */
export function synthesize(
  environment: EnvironmentName,
  overrides: Readonly<Record<string, string>> = {},
): Synthesized {
  const out = mkdtempSync(join(tmpdir(), 'steward-synth-'));
  try {
    const given = JSON.stringify({ ...context, environment, ...overrides });
    const env = { ...process.env, CDK_OUTDIR: out, CDK_CONTEXT_JSON: given, NODE_OPTIONS: '' };
    execFileSync(process.execPath, [join(folderOfPackage, 'bin/app.mjs')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    return readAssembly(out, environment);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function readAssembly(out: string, environment: string): Synthesized {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(out, file), 'utf8'));
  const files = readdirSync(out);
  const stacks = Object.fromEntries(
    files
      .filter((file) => file.endsWith('.template.json'))
      .map((file) => [
        file.slice(`steward-${environment}-`.length, -'.template.json'.length),
        (read(file) as { Resources: Record<string, TemplateResource> }).Resources,
      ]),
  );
  const acknowledgements = files
    .filter((file) => file.endsWith('.metadata.json'))
    .flatMap((file) => acknowledgementsOf(read(file) as Parameters<typeof acknowledgementsOf>[0]));
  const ofType = (type: string): [string, TemplateResource][] =>
    Object.entries(stacks).flatMap(([stack, resources]) =>
      Object.entries(resources)
        .filter(([, resource]) => resource.Type === type)
        .map(([id, resource]): [string, TemplateResource] => [`${stack}/${id}`, resource]),
    );
  return { stacks, acknowledgements, ofType };
}

function acknowledgementsOf(metadata: Record<string, { type: string; data: unknown }[]>): Acknowledgement[] {
  return Object.entries(metadata).flatMap(([construct, entries]) =>
    entries
      .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
      .flatMap(({ data }) =>
        Object.entries(data as Record<string, string>).map(([id, reason]) => ({
          construct,
          rule: id.replace(/^Annotation::/, ''),
          reason,
        })),
      ),
  );
}
