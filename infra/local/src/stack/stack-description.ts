import { join } from 'node:path';
import { DEMO_MODEL_ID } from '../demo-gateway/model.ts';
import { DESKTOP_CLIENT_ID, SERVICE_NAMES } from '../identity-provider/service-names.ts';
import type { ServiceName } from '../identity-provider/service-names.ts';
import type { GatewayChoice } from './gateway-choice.ts';
import type { Ports } from './ports.ts';

/** Addresses of the services, each with its base path. */
export type ServiceUrls = Readonly<Record<ServiceName, string>>;

/** How a program starts an agent runtime against this stack. */
export interface RuntimeLaunch {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The running stack, as `run/stack.json` (0600) keeps it and the ready line prints it. */
export interface StackDescription {
  readonly services: ServiceUrls;
  readonly issuer: string;
  /** Client id with which the desktop signs people in. */
  readonly clientId: string;
  readonly caFile: string;
  readonly gateway: string;
  readonly demoModel: boolean;
  /** Name of the model, where the stack knows it. */
  readonly model?: string;
  readonly home: string;
  readonly runtime: RuntimeLaunch;
  /** Process that owns the stack. */
  readonly pid: number;
}

/** What {@link describeStack} is computed from. */
export interface DescriptionFacts {
  readonly root: string;
  readonly home: string;
  readonly ports: Ports;
  readonly caFile: string;
  readonly gateway: GatewayChoice;
  readonly pid: number;
}

/** Addresses of all services for these ports. */
export function serviceUrls(ports: Ports): ServiceUrls {
  return Object.fromEntries(SERVICE_NAMES.map((name) => [name, `https://127.0.0.1:${ports[name]}/v1`])) as ServiceUrls;
}

/** The service addresses as environment variables, `SESSION_SERVICE_URL` and so on. */
export function serviceUrlEnvironment(urls: ServiceUrls): Record<string, string> {
  return Object.fromEntries(SERVICE_NAMES.map((name) => [`${name.toUpperCase()}_SERVICE_URL`, urls[name]]));
}

/** Origin of the local identity provider. */
export function issuerOf(ports: Ports): string {
  return `http://127.0.0.1:${ports.identityProvider}`;
}

/** Describes the stack; pure. */
export function describeStack(facts: DescriptionFacts): StackDescription {
  const services = serviceUrls(facts.ports);
  return {
    services,
    issuer: issuerOf(facts.ports),
    clientId: DESKTOP_CLIENT_ID,
    caFile: facts.caFile,
    gateway: facts.gateway.endpoint,
    demoModel: facts.gateway.demo,
    ...(facts.gateway.demo ? { model: DEMO_MODEL_ID } : {}),
    home: facts.home,
    runtime: {
      command: ['node', join(facts.root, 'dist', 'agent-runtime.js')],
      env: {
        STEWARD_HOME: facts.home,
        NODE_EXTRA_CA_CERTS: facts.caFile,
        ...serviceUrlEnvironment(services),
        POLICY_JWKS_URL: `${services.policy}/.well-known/jwks.json`,
        LLM_GATEWAY_ENDPOINT: facts.gateway.endpoint,
        LLM_GATEWAY_AUTH_TOKEN: facts.gateway.token,
        ...(facts.gateway.demo ? { STEWARD_DEMO_MODEL: '1' } : {}),
      },
    },
    pid: facts.pid,
  };
}

/** The line that scripts wait for; `app` is left out when no desktop was started. */
export function readyLine(description: StackDescription, app: string | undefined): string {
  const { services, issuer, caFile, gateway, home, runtime } = description;
  return JSON.stringify({
    ready: true,
    ...(app === undefined ? {} : { app }),
    services,
    issuer,
    caFile,
    gateway,
    home,
    runtime,
  });
}
