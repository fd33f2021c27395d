import { describe, expect, it } from '@jest/globals';
import { homeLayout } from '../../src/home/home-layout.ts';
import { PORT_NAMES } from '../../src/stack/ports.ts';
import type { Ports } from '../../src/stack/ports.ts';
import {
  inspectPortOf,
  planDatabase,
  planDemoGateway,
  planServices,
  serviceEnvironment,
} from '../../src/stack/process-plan.ts';
import type { PlanFacts } from '../../src/stack/process-plan.ts';
import { describeStack, readyLine } from '../../src/stack/stack-description.ts';

const PORTS = Object.fromEntries(PORT_NAMES.map((name, index) => [name, 4100 + index])) as Ports;

function facts(extra: Partial<PlanFacts> = {}): PlanFacts {
  return {
    root: '/opt/steward',
    home: homeLayout('/home/data'),
    ports: PORTS,
    certificates: { caFile: '/c/ca.pem', certFile: '/c/services.pem', keyFile: '/c/services-key.pem' },
    ca: 'PEM',
    clientSecrets: { 'policy-service': 'policy-secret', 'session-service': 'session-secret' },
    gateway: { endpoint: 'http://127.0.0.1:4102/v1', token: 'gateway-token', demo: true },
    database: { kind: 'spawn', engine: 'dynoxide', command: '/bin/dynoxide', args: [] },
    env: { PATH: '/bin', AWS_SECRET_ACCESS_KEY: 'real', LLM_GATEWAY_AUTH_TOKEN: 'real', OTEL_SERVICE_NAME: 'x' },
    ...extra,
  };
}

describe('the environment of a service', () => {
  it('is exactly the contract, without the secrets of anybody else', () => {
    expect(serviceEnvironment(facts(), 'policy')).toEqual({
      PATH: '/bin',
      OTEL_SERVICE_NAME: 'x',
      NODE_COMPILE_CACHE: '/home/data/cache',
      STEWARD_ENV: 'local',
      HOST: '127.0.0.1',
      PORT: '4105',
      TLS_CERT_FILE: '/c/services.pem',
      TLS_KEY_FILE: '/c/services-key.pem',
      NODE_EXTRA_CA_CERTS: '/c/ca.pem',
      OIDC_ISSUER: 'http://127.0.0.1:4101',
      OIDC_REVOCATION: 'list',
      OIDC_REVOCATION_URL: 'http://127.0.0.1:4101/revocations',
      OIDC_AUDIENCES: 'urn:steward:api,urn:steward:service:policy',
      OIDC_CLIENT_ID: 'policy-service',
      OIDC_CLIENT_SECRET: 'policy-secret',
      STEWARD_STORE: 'dynamo',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:4103',
      AWS_REGION: 'local',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      CONTENT_STORE: 'file',
      CONTENT_DIR: '/home/data/data/content',
      POLICY_KEYS_FILE: '/home/data/keys/policy-keys.json',
      RECEIPT_KEYS_FILE: '/home/data/keys/receipt-keys.json',
      SESSION_SERVICE_URL: 'https://127.0.0.1:4104/v1',
      POLICY_SERVICE_URL: 'https://127.0.0.1:4105/v1',
      WORKSPACE_SERVICE_URL: 'https://127.0.0.1:4106/v1',
      APPROVAL_SERVICE_URL: 'https://127.0.0.1:4107/v1',
      AUDIT_SERVICE_URL: 'https://127.0.0.1:4108/v1',
      TELEMETRY_SERVICE_URL: 'https://127.0.0.1:4109/v1',
      TOOLS_SERVICE_URL: 'https://127.0.0.1:4110/v1',
    });
  });

  it('points to a deployed environment when an AWS endpoint is given, with that environment’s names', () => {
    const endpoint = 'http://127.0.0.1:4566';
    const env = { AWS_ENDPOINT_URL: endpoint, STEWARD_ENV: 'dev', AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'id' };

    const environment = serviceEnvironment(facts({ env, database: { kind: 'given', endpoint } }), 'workspace');

    expect(environment).toMatchObject({
      STEWARD_ENV: 'dev',
      STEWARD_STORE: 'dynamo',
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      CONTENT_STORE: 's3',
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'id',
    });
    expect(environment).not.toHaveProperty('CONTENT_DIR');
    expect(environment).not.toHaveProperty('CONTENT_BUCKET');
  });

  it('names another bucket when one is given', () => {
    const env = { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:4566', CONTENT_BUCKET: 'dev-contents-7' };

    expect(serviceEnvironment(facts({ env }), 'workspace')).toMatchObject({
      CONTENT_STORE: 's3',
      CONTENT_BUCKET: 'dev-contents-7',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:4103',
    });
  });

  it('names the memory store where there is no database', () => {
    const environment = serviceEnvironment(facts({ database: { kind: 'memory', reason: '' } }), 'session');

    expect(environment).toMatchObject({ STEWARD_STORE: 'memory' });
    expect(environment).not.toHaveProperty('AWS_ENDPOINT_URL_DYNAMODB');
  });
});

describe('the plan', () => {
  it('lets the services wait for an embedded database only', () => {
    const embedded = planServices(facts()).map((spec) => spec.after);
    const given = facts({ database: { kind: 'given', endpoint: 'http://127.0.0.1:1' } });

    expect(embedded).toEqual(Array.from({ length: 7 }, () => ['database']));
    expect([planDatabase(given), planServices(given)[0]?.after]).toEqual([undefined, []]);
  });

  it('leaves the demo gateway out when a real one is configured', () => {
    const gateway = { endpoint: 'https://gateway.example.com/v1', token: 't', demo: false };

    expect(planDemoGateway(facts({ gateway }))).toBeUndefined();
  });

  it('reads the debugger ports', () => {
    const setting = 'session=9229,policy=9230';

    expect([inspectPortOf(setting, 'policy'), inspectPortOf(setting, 'audit'), inspectPortOf(undefined, 'x')]).toEqual([
      '9230',
      undefined,
      undefined,
    ]);
  });
});

describe('the ready line', () => {
  it('carries what scripts rely on', () => {
    const { ports, gateway } = facts();
    const description = describeStack({
      root: '/opt/steward',
      home: '/home/data',
      ports,
      caFile: '/c/ca.pem',
      gateway,
      pid: 1,
    });

    const line = JSON.parse(readyLine(description, 'http://127.0.0.1:4100/?launch=x'));

    expect(Object.keys(line)).toEqual(['ready', 'app', 'services', 'issuer', 'caFile', 'gateway', 'home', 'runtime']);
    expect(line.runtime).toMatchObject({
      command: ['node', '/opt/steward/dist/agent-runtime.js'],
      env: { LLM_GATEWAY_ENDPOINT: 'http://127.0.0.1:4102/v1', STEWARD_DEMO_MODEL: '1', STEWARD_HOME: '/home/data' },
    });
  });
});
