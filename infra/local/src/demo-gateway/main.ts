import { logLine } from '../home/log-line.ts';
import { createDemoGateway } from './server.ts';

const GRACE_MS = 2000;

/**
 * Runs the demo gateway. Environment: `PORT`, `DEMO_GATEWAY_TOKEN`, `HOST` (default 127.0.0.1),
 * `DEMO_GATEWAY_DELAY_MS` (pause between chunks, default 12). Ready when `/healthz` answers.
 */
function main(): void {
  const { PORT, DEMO_GATEWAY_TOKEN: token, HOST = '127.0.0.1', DEMO_GATEWAY_DELAY_MS = '12' } = process.env;
  const delayMs = Number(DEMO_GATEWAY_DELAY_MS);
  if (PORT === undefined || token === undefined || token === '') {
    throw new Error('The demo gateway needs PORT and DEMO_GATEWAY_TOKEN in its environment.');
  }
  if (!Number.isFinite(delayMs) || delayMs < 0) throw new Error('DEMO_GATEWAY_DELAY_MS must be a number from 0.');
  const server = createDemoGateway({ token, delayMs, now: () => Date.now() });
  server.on('error', fail);
  server.listen(Number(PORT), HOST, () =>
    logLine('demo-gateway', { ready: true, endpoint: `http://${HOST}:${PORT}/v1` }),
  );
  const stop = (): void => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    // A stream that is still being written gets a moment, then the process ends anyway.
    setTimeout(() => server.closeAllConnections(), GRACE_MS).unref();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function fail(error: unknown): void {
  logLine('demo-gateway', { level: 'error', message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

try {
  main();
} catch (error) {
  fail(error);
}
