import { logLine } from '../home/log-line.ts';
import { createIdentityServer } from './server.ts';

/**
 * Runs the local identity provider. Environment: `PORT`, `IDENTITY_DIR` (private folder), `HOST` (default 127.0.0.1).
 * Ready when the JSON log line with `ready: true` is out and `/.well-known/openid-configuration` answers.
 */
async function main(): Promise<void> {
  const { PORT, IDENTITY_DIR, HOST = '127.0.0.1' } = process.env;
  if (PORT === undefined || IDENTITY_DIR === undefined) {
    throw new Error('The identity provider needs PORT and IDENTITY_DIR in its environment.');
  }
  const issuer = `http://${HOST}:${PORT}`;
  const identity = await createIdentityServer({ issuer, folder: IDENTITY_DIR, now: () => Date.now() });
  identity.server.on('error', fail);
  identity.server.listen(Number(PORT), HOST, () => logLine('identity-provider', { ready: true, issuer }));
  const stop = (): void => void identity.close().then(() => process.exit(0), fail);
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function fail(error: unknown): void {
  logLine('identity-provider', { level: 'error', message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

main().catch(fail);
