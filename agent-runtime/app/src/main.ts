/**
 * The agent runtime's process: the only file that knows both the agent host and the tool runtime. Everything that
 * `initialize` does not need is loaded later, since a person waits for this process to start.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  BundleVerifier,
  GatewayModel,
  HttpBackend,
  NamedSecrets,
  RuntimeServer,
  systemJournalFiles,
} from '@steward/agent-host';
import type { HostDeps, Scheduler } from '@steward/agent-host';
import { builtInTools } from '@steward/contracts';
import { loadDetectors } from '@steward/secrets';
import { LineTransport, systemClock } from '@steward/sdk';
import type { OpenTools } from '@steward/tool-port';
import { readConfig, toolEnvironment } from './config.ts';
import type { RuntimeConfig } from './config.ts';
import { joinWrites } from './join-writes.ts';
import { createFastIds } from './fast-ids.ts';
import { createLog } from './log.ts';

const version = '0.1.0';

const scheduler: Scheduler = {
  after: (ms, action) => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};

function main(): void {
  const env = { ...process.env };
  let config: RuntimeConfig;
  try {
    config = readConfig(env);
  } catch (error) {
    createLog(() => [])('error', error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
    return;
  }
  // From here on no library and no child process finds the tokens in the environment.
  for (const name of Object.keys(process.env))
    if (!(name in toolEnvironment(env)) && name !== 'NODE_EXTRA_CA_CERTS') delete process.env[name];
  const home = join(config.home, 'runtime');
  const namedSecrets = new NamedSecrets();
  const log = createLog(() => [config.gateway.token, ...namedSecrets.texts().map(({ text }) => text)]);
  const backend = new HttpBackend(config.services, (how) => {
    // Whoever comes back reads a journal meanwhile and has no time to spare.
    const verifying = how === 'create' ? verifier.warmUp() : verifier.load();
    // A failure is met where the part is really needed.
    void Promise.allSettled([import('@steward/tool-runtime'), verifying, loadDetectors()]);
  });
  const verifier = new BundleVerifier({ home, clock: systemClock, fetchJwks: () => backend.fetchJwks() });
  const { endpoint, token, stallMs, firstByteMs } = config.gateway;
  const deps: HostDeps = {
    settings: {
      home,
      platform: process.platform,
      ...(config.preferredModel === undefined ? {} : { preferredModel: config.preferredModel }),
      demoModel: config.demoModel,
      secrets: [token],
      runtimeVersion: version,
    },
    files: systemJournalFiles,
    ...(config.journalCompactBytes === undefined ? {} : { compactAtBytes: config.journalCompactBytes }),
    backend,
    model: new GatewayModel({
      endpoint,
      token,
      scheduler,
      clock: systemClock,
      ...(stallMs === undefined ? {} : { stallMs }),
      ...(firstByteMs === undefined ? {} : { firstByteMs }),
    }),
    verifier,
    openTools: openToolRuntime(config, toolEnvironment(env)),
    builtInTools,
    namedSecrets,
    clock: systemClock,
    newId: createFastIds(() => Date.now()),
    scheduler,
    log,
    random: Math.random,
  };
  serve(deps, config);
}

function openToolRuntime(config: RuntimeConfig, env: NodeJS.ProcessEnv): OpenTools {
  return async (options) => {
    // No session has tools, and so none has a thread, before everything that finds secrets is there.
    const [{ createToolRuntime }] = await Promise.all([import('@steward/tool-runtime'), loadDetectors()]);
    return createToolRuntime({
      ...options,
      homeDir: homedir(),
      platform: process.platform,
      clock: systemClock,
      env,
      sandbox: config.sandbox,
      hiddenPaths: [config.home],
    });
  };
}

function serve(deps: HostDeps, config: RuntimeConfig): void {
  const { log } = deps;
  let stopping = false;
  let closeSocket = (): void => undefined;
  const exit = (code: number): void => {
    // What was written to stdout leaves first; a reader that never reads does not hold the process for ever.
    const timer = setTimeout(() => process.exit(code), 2_000);
    process.stdout.write('', () => {
      clearTimeout(timer);
      process.exit(code);
    });
  };
  const stop = (reason: string, code = 0): void => {
    if (stopping) return;
    stopping = true;
    log('info', 'The runtime stops.', { reason });
    closeSocket();
    server.stop().then(
      () => exit(code),
      (error: unknown) => {
        log('error', 'The runtime could not stop in order.', { reason: String(error) });
        exit(1);
      },
    );
  };
  const server = new RuntimeServer(deps, () => stop('shutdown'));
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('uncaughtException', (error) => {
    log('error', 'Something failed that nobody handled.', { reason: error.stack ?? error.message });
    stop('uncaught exception', 1);
  });
  process.on('unhandledRejection', (error) =>
    log('error', 'A promise failed that nobody handled.', {
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  server.connect(new LineTransport(process.stdin, joinWrites(process.stdout)), () => {
    // With a socket the host may come back; without one nobody could.
    if (config.socketPath === undefined) stop('the client closed the connection');
  });
  if (config.socketPath === undefined) return;
  void import('./serve-socket.ts')
    .then(({ serveSocket }) => serveSocket(config.socketPath!, server))
    .then(
      (close) => {
        closeSocket = close;
      },
      (error: unknown) => log('error', 'The socket could not be opened.', { reason: String(error) }),
    );
}

main();
