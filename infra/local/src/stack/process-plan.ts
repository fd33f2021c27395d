import { join } from 'node:path';
import { chooseContent } from '../engine/content-choice.ts';
import type { DatabaseChoice } from '../engine/database-choice.ts';
import type { HomeLayout } from '../home/home-layout.ts';
import type { LocalCertificates } from '../certificates/local-certificates.ts';
import {
  PEOPLE_AUDIENCE,
  SERVICE_NAMES,
  serviceAudience,
  serviceClientId,
} from '../identity-provider/service-names.ts';
import type { ServiceName } from '../identity-provider/service-names.ts';
import { baseEnvironment } from './base-environment.ts';
import type { GatewayChoice } from './gateway-choice.ts';
import type { Ports } from './ports.ts';
import type { ProcessSpec } from './process-spec.ts';
import { issuerOf, serviceUrlEnvironment, serviceUrls } from './stack-description.ts';

/** What the processes of a stack are computed from. */
export interface PlanFacts {
  /** Folder of the installation, with `dist` inside. */
  readonly root: string;
  readonly home: HomeLayout;
  readonly ports: Ports;
  readonly certificates: LocalCertificates;
  /** PEM of the local authority. */
  readonly ca: string;
  readonly clientSecrets: Readonly<Record<string, string>>;
  readonly gateway: GatewayChoice;
  readonly database: DatabaseChoice;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Name of the database process in the plan. */
const DATABASE_PROCESS = 'database';

/** The process of the embedded database; `undefined` when the database is elsewhere or in memory. */
export function planDatabase(facts: PlanFacts): ProcessSpec | undefined {
  const { database, ports } = facts;
  if (database.kind !== 'spawn') return undefined;
  return {
    name: DATABASE_PROCESS,
    command: database.command,
    args: database.args,
    env: { ...baseEnvironment(facts.env), DDB_LOCAL_TELEMETRY: '0' },
    health: { url: `http://127.0.0.1:${ports.database}/`, anyStatus: true },
    address: `http://127.0.0.1:${ports.database}  ${database.engine}`,
    after: [],
  };
}

/** The process of the local identity provider. */
export function planIdentityProvider(facts: PlanFacts): ProcessSpec {
  const bundle = join(facts.root, 'dist', 'infra', 'identity-provider.js');
  const issuer = issuerOf(facts.ports);
  return {
    name: 'identity-provider',
    ...nodeProcess(facts, 'identity-provider', bundle),
    env: {
      ...nodeEnvironment(facts),
      PORT: String(facts.ports.identityProvider),
      IDENTITY_DIR: facts.home.identity,
    },
    health: { url: `${issuer}/.well-known/openid-configuration` },
    address: issuer,
    after: [],
  };
}

/** The process of the demo gateway; `undefined` when a real gateway is configured. */
export function planDemoGateway(facts: PlanFacts): ProcessSpec | undefined {
  if (!facts.gateway.demo) return undefined;
  const bundle = join(facts.root, 'dist', 'infra', 'demo-gateway.js');
  const delay = facts.env['DEMO_GATEWAY_DELAY_MS'];
  return {
    name: 'demo-gateway',
    ...nodeProcess(facts, 'demo-gateway', bundle),
    env: {
      ...nodeEnvironment(facts),
      PORT: String(facts.ports.gateway),
      DEMO_GATEWAY_TOKEN: facts.gateway.token,
      ...(delay === undefined ? {} : { DEMO_GATEWAY_DELAY_MS: delay }),
    },
    health: { url: `http://127.0.0.1:${facts.ports.gateway}/healthz` },
    address: `${facts.gateway.endpoint}  demo model`,
    after: [],
  };
}

/** The processes of the seven services. */
export function planServices(facts: PlanFacts): ProcessSpec[] {
  return SERVICE_NAMES.map((name) => planService(facts, name));
}

function planService(facts: PlanFacts, name: ServiceName): ProcessSpec {
  const url = serviceUrls(facts.ports)[name];
  return {
    name,
    ...nodeProcess(facts, name, join(facts.root, 'dist', 'services', `${name}.js`)),
    env: serviceEnvironment(facts, name),
    health: { url: new URL('/healthz', url).href, ca: facts.ca },
    address: url,
    after: facts.database.kind === 'spawn' ? [DATABASE_PROCESS] : [],
  };
}

/** The environment of a service: the contract between this stack and the services. */
export function serviceEnvironment(facts: PlanFacts, name: ServiceName): Record<string, string> {
  const { home, ports, certificates } = facts;
  const clientId = serviceClientId(name);
  return {
    ...nodeEnvironment(facts),
    STEWARD_ENV: stackEnvironment(facts.env),
    HOST: '127.0.0.1',
    PORT: String(ports[name]),
    TLS_CERT_FILE: certificates.certFile,
    TLS_KEY_FILE: certificates.keyFile,
    NODE_EXTRA_CA_CERTS: certificates.caFile,
    OIDC_ISSUER: issuerOf(ports),
    OIDC_AUDIENCES: `${PEOPLE_AUDIENCE},${serviceAudience(name)}`,
    OIDC_REVOCATION: 'list',
    OIDC_REVOCATION_URL: `${issuerOf(ports)}/revocations`,
    OIDC_CLIENT_ID: clientId,
    OIDC_CLIENT_SECRET: facts.clientSecrets[clientId] ?? '',
    ...databaseEnvironment(facts),
    ...awsIdentity(facts),
    // The SDK warns on Node 20, which this product supports and tests.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...contentEnvironment(facts),
    POLICY_KEYS_FILE: join(home.keys, 'policy-keys.json'),
    RECEIPT_KEYS_FILE: join(home.keys, 'receipt-keys.json'),
    ...serviceUrlEnvironment(serviceUrls(ports)),
  };
}

function databaseEnvironment({ database, ports }: PlanFacts): Record<string, string> {
  if (database.kind === 'memory') return { STEWARD_STORE: 'memory' };
  const endpoint = database.kind === 'given' ? database.endpoint : `http://127.0.0.1:${ports.database}`;
  return {
    STEWARD_STORE: 'dynamo',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  };
}

function contentEnvironment({ env, home }: PlanFacts): Record<string, string> {
  const content = chooseContent(env, home.content);
  if (content.kind === 'file') return { CONTENT_STORE: 'file', CONTENT_DIR: content.folder };
  const bucket = env['CONTENT_BUCKET'];
  return { CONTENT_STORE: 's3', AWS_ENDPOINT_URL_S3: content.endpoint, ...(bucket ? { CONTENT_BUCKET: bucket } : {}) };
}

function awsIdentity({ database, env, home }: PlanFacts): Record<string, string> {
  const given = database.kind === 'given' || chooseContent(env, home.content).kind === 's3';
  if (database.kind === 'memory' && !given) return {};
  return {
    // A given endpoint may be a real one; the embedded engine takes any credentials.
    AWS_REGION: (given && env['AWS_REGION']) || 'local',
    AWS_ACCESS_KEY_ID: (given && env['AWS_ACCESS_KEY_ID']) || 'local',
    AWS_SECRET_ACCESS_KEY: (given && env['AWS_SECRET_ACCESS_KEY']) || 'local',
    ...(given && env['AWS_SESSION_TOKEN'] ? { AWS_SESSION_TOKEN: env['AWS_SESSION_TOKEN'] } : {}),
  };
}

/** First part of the names of tables and bucket: `STEWARD_ENV` where somebody deployed them, else `local`. */
function stackEnvironment(env: Readonly<Record<string, string | undefined>>): string {
  return env['STEWARD_ENV'] || 'local';
}

function nodeEnvironment({ env, home }: PlanFacts): Record<string, string> {
  // Newer Node versions start much faster with compiled code from the last start; Node 20 ignores the variable.
  return { ...baseEnvironment(env), NODE_COMPILE_CACHE: join(home.root, 'cache') };
}

function nodeProcess(
  facts: PlanFacts,
  name: string,
  bundle: string,
): { readonly command: string; readonly args: readonly string[]; readonly bundle: string } {
  const port = inspectPortOf(facts.env['STEWARD_INSPECT'], name);
  const inspect = port === undefined ? [] : [`--inspect=127.0.0.1:${port}`];
  return { command: process.execPath, args: ['--enable-source-maps', ...inspect, bundle], bundle };
}

/** Reads `STEWARD_INSPECT=session=9229,policy=9230`: the debugger port of a process. */
export function inspectPortOf(setting: string | undefined, name: string): string | undefined {
  const entry = (setting ?? '').split(',').find((part) => part.startsWith(`${name}=`));
  return entry?.slice(name.length + 1);
}
