import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startDynamo } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import { EngineProxy } from './engine-proxy.ts';
import { imageFlags } from './image-flags.ts';
import { StandIssuer, clientSecret } from './issuer.ts';
import { ServiceProcess } from './service-process.ts';

/** The services of a stand. */
export const serviceNames = ['session', 'policy', 'workspace', 'approval', 'audit', 'telemetry', 'tools'] as const;

/** Name of one service. */
export type ServiceName = (typeof serviceNames)[number];

/**
 * Real service processes, started as their images start them, on the embedded engine, with an identity provider and a
 * proxy in front of the engine. Plain HTTP on loopback: what TLS costs is the same with and without the services' own work.
 */
export class Stand {
  readonly issuer: StandIssuer;
  readonly dynamo: RunningDynamo;
  readonly proxy: EngineProxy;
  readonly folder: string;
  readonly #root: string;
  readonly #ports: Readonly<Record<ServiceName, number>>;
  readonly #processes: ServiceProcess[] = [];

  private constructor(
    root: string,
    parts: { issuer: StandIssuer; dynamo: RunningDynamo; proxy: EngineProxy; folder: string },
    ports: Readonly<Record<ServiceName, number>>,
  ) {
    this.#root = root;
    this.issuer = parts.issuer;
    this.dynamo = parts.dynamo;
    this.proxy = parts.proxy;
    this.folder = parts.folder;
    this.#ports = ports;
  }

  /** Starts everything but the services. @param root folder of the repository, with `dist/services` built */
  static async start(root: string): Promise<Stand> {
    if (!existsSync(join(root, 'dist/services/session.js')))
      throw new Error('The services are not built. Run node tools/build.mjs --only services.');
    const dynamo = await startDynamo();
    const folder = await mkdtemp(join(tmpdir(), 'steward-stand-'));
    const ports = Object.fromEntries(
      await Promise.all(serviceNames.map(async (name) => [name, await freePort()] as const)),
    ) as Record<ServiceName, number>;
    const parts = {
      issuer: await StandIssuer.start(),
      dynamo,
      proxy: await EngineProxy.start(dynamo.endpoint),
      folder,
    };
    return new Stand(root, parts, ports);
  }

  /** Base address of a service, whether it runs or not. */
  url(name: ServiceName): string {
    return `http://127.0.0.1:${this.#ports[name]}/v1`;
  }

  /** A process of a service, not started; it is stopped with the stand. */
  service(name: ServiceName, options: { viaProxy?: boolean; port?: number; env?: Record<string, string> } = {}) {
    const made = new ServiceProcess({
      script: join(this.#root, 'dist/services', `${name}.js`),
      flags: imageFlags(this.#root),
      port: options.port ?? this.#ports[name],
      env: { ...this.environmentOf(name, options.viaProxy ?? false), ...options.env },
      logFile: join(this.folder, `${name}.log`),
    });
    this.#processes.push(made);
    return made;
  }

  /** Any other script with the environment of a service; stopped with the stand. */
  script(path: string, env: Readonly<Record<string, string>>, port: number): ServiceProcess {
    const made = new ServiceProcess({
      script: path,
      flags: imageFlags(this.#root),
      port,
      env: { ...this.environmentOf('session', false), ...env },
      logFile: join(this.folder, 'script.log'),
    });
    this.#processes.push(made);
    return made;
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.stop('SIGKILL')));
    await this.proxy.close();
    await this.issuer.close();
    await this.dynamo.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  environmentOf(name: ServiceName, viaProxy: boolean): Record<string, string> {
    return {
      // As in production, a line for each request.
      LOG_LEVEL: 'info',
      NODE_ENV: 'production',
      STEWARD_ENV: this.dynamo.env,
      OIDC_ISSUER: this.issuer.url,
      OIDC_AUDIENCES: `urn:steward:api,urn:steward:service:${name}`,
      OIDC_CLIENT_ID: `${name}-service`,
      OIDC_CLIENT_SECRET: clientSecret,
      OIDC_REVOCATION: 'list',
      OIDC_REVOCATION_URL: `${this.issuer.url}/revocations`,
      AWS_ENDPOINT_URL_DYNAMODB: viaProxy ? this.proxy.url : this.dynamo.endpoint,
      AWS_REGION: 'local',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      CONTENT_STORE: 'file',
      CONTENT_DIR: join(this.folder, 'content'),
      POLICY_KEYS_FILE: join(this.folder, 'policy-keys.json'),
      RECEIPT_KEYS_FILE: join(this.folder, 'receipt-keys.json'),
      ...Object.fromEntries(serviceNames.map((other) => [`${other.toUpperCase()}_SERVICE_URL`, this.url(other)])),
    };
  }
}
