import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdentityServer } from '../../src/identity-provider/server.ts';
import { machinePorts } from '../../src/stack/ports.ts';

export interface RunningIdentityServer {
  readonly issuer: string;
  readonly folder: string;
  /** Stops and starts the server on the same folder and port, as a new process would. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startIdentityServer(now: () => number = () => Date.now()): Promise<RunningIdentityServer> {
  const folder = await mkdtemp(join(tmpdir(), 'steward-identity-'));
  const port = await machinePorts.freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const listen = async (): Promise<Awaited<ReturnType<typeof createIdentityServer>>> => {
    const identity = await createIdentityServer({ issuer, folder, now });
    await new Promise<void>((resolve) => identity.server.listen(port, '127.0.0.1', resolve));
    return identity;
  };
  let running = await listen();
  return {
    issuer,
    folder,
    restart: async () => {
      await running.close();
      running = await listen();
    },
    stop: async () => {
      await running.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
