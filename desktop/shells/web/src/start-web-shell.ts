import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createHost } from '@steward/desktop-host';
import type { HostDeps, StackDescription } from '@steward/desktop-host';
import { createApp } from './app.ts';
import { BridgeServer } from './bridge-server.ts';
import { BrowserSessions } from './browser-sessions.ts';
import { LaunchToken } from './launch-token.ts';

/** What {@link startWebShell} needs. */
export interface WebShellDeps {
  readonly stack: StackDescription;
  readonly appVersion: string;
  /** Folder of the built renderer. */
  readonly appFolder: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly log: (fields: Readonly<Record<string, unknown>>) => void;
  readonly environment?: HostDeps['environment'];
}

/** A running web shell. */
export interface WebShell {
  readonly port: number;
  /** The link that opens the app once. */
  launchUrl(): string;
  /** Stops listening, ends the runtimes in order and resolves when everything is on disk. */
  stop(): Promise<void>;
}

/** Starts host, pages and bridge on 127.0.0.1; a port in use rejects with the system's error. */
export async function startWebShell(deps: WebShellDeps): Promise<WebShell> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(deps.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const host = await createHost({
    stack: deps.stack,
    appVersion: deps.appVersion,
    shell: 'web',
    showSignInPage: () => Promise.resolve(false),
    returnTo: () => `${origin}/`,
    log: deps.log,
    nodeProgram: process.execPath,
    ...(deps.environment === undefined ? {} : { environment: deps.environment }),
  });
  const sessions = new BrowserSessions(port);
  const launchToken = await LaunchToken.mint(join(deps.stack.home, 'run', 'launch-token'));
  const issuerOrigin = new URL(deps.stack.issuer).origin;
  server.on('request', createApp({ appFolder: deps.appFolder, port, issuerOrigin, launchToken, sessions }));
  const bridge = new BridgeServer({ server, port, sessions, host });
  return {
    port,
    launchUrl: () => `${origin}/?launch=${launchToken.current}`,
    stop: async () => {
      bridge.close();
      server.close();
      server.closeAllConnections();
      await host.stop();
    },
  };
}
