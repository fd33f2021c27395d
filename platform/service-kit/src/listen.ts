import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { limits } from '@steward/contracts';
import { ConfigError } from './config.ts';
import type { ServiceConfig } from './config.ts';
import type { Service } from './create-service.ts';
import { UnusedConnections, drainServer } from './drain.ts';
import type { DrainTimes } from './drain.ts';
import { createLogger } from './logger.ts';

/** A service that answers. */
export interface RunningService {
  /** With version: `https://127.0.0.1:7001/v1`. */
  readonly url: string;
  /** Drains, then runs the closers. */
  stop(): Promise<void>;
}

/** Listens and resolves once connections are accepted. `closers` run after the last request has ended. */
export async function listen(
  service: Service,
  config: Pick<ServiceConfig, 'host' | 'port' | 'tls'> & {
    readonly connections?: ConnectionTimes;
    readonly drain?: DrainTimes;
  },
  closers: readonly (() => Promise<void> | void)[] = [],
): Promise<RunningService> {
  const server = createServer(service, config);
  const unused = new UnusedConnections(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const url = `${config.tls === undefined ? 'http' : 'https'}://${host}:${port}/v1`;
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await drainServer(server, service.lifecycle, unused, config.drain);
    for (const close of closers) await close();
  };
  return { url, stop: () => (stopping ??= stop()) };
}

/**
 * The whole life of a service process: listens, prints one ready line, drains on SIGTERM and SIGINT and exits with 0.
 * A failure to start is logged in one line and exits with 1.
 */
export async function runService(
  service: Service,
  config: ServiceConfig,
  closers: readonly (() => Promise<void> | void)[] = [],
): Promise<void> {
  const { logger } = service;
  process.on('unhandledRejection', (reason) => {
    logger.fatal({ err: reason }, 'unhandled rejection');
    process.exit(1);
  });
  let running: RunningService;
  try {
    running = await listen(service, config, closers);
  } catch (error) {
    logger.fatal({ err: error }, `could not listen on ${config.host}:${config.port}`);
    process.exit(1);
  }
  const stop = (): void => {
    logger.info('draining');
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.fatal({ err: error }, 'draining failed');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  logger.info({ event: 'ready', url: running.url }, 'ready');
}

/** How long a connection may take, in milliseconds; those of the contracts unless given. */
type ConnectionTimes = Partial<
  Record<'headersTimeout' | 'requestTimeout' | 'keepAliveTimeout' | 'connectionsCheckingInterval', number>
>;

function createServer(
  service: Service,
  config: Pick<ServiceConfig, 'tls'> & { readonly connections?: ConnectionTimes },
): Server {
  const options = { ...serverOptions, ...config.connections };
  const server =
    config.tls === undefined
      ? createHttpServer(options, service.app)
      : createHttpsServer(
          {
            ...options,
            ...tlsOptions,
            cert: readFileSync(config.tls.certFile),
            key: readFileSync(config.tls.keyFile),
          },
          service.app,
        );
  // One more than is allowed, so that too many are seen and refused, not dropped.
  server.maxHeadersCount = limits.request.headers + 1;
  return server;
}

// Slow senders: the headers, then a whole request (large uploads), looked at every 2 s; JSON bodies have their own time.
const serverOptions = {
  headersTimeout: limits.request.headersTimeoutMs,
  requestTimeout: limits.request.uploadTimeoutMs,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: limits.request.headerBytes,
  requireHostHeader: true,
};

/** TLS 1.2 and 1.3 with forward secrecy and authenticated encryption only (RFC 9325); resumption saves handshakes. */
const tlsOptions = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  ecdhCurve: 'X25519:P-256:P-384',
  honorCipherOrder: true,
  handshakeTimeout: 10_000,
} as const;

/** Runs a service's `main`; what it throws (a wrong configuration, an unreadable file) is one log line and exit code 1. */
export async function runMain(name: string, main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const logger = createLogger(name);
    if (error instanceof ConfigError) logger.fatal(error.message);
    else logger.fatal({ err: error }, 'could not start');
    process.exit(1);
  }
}
