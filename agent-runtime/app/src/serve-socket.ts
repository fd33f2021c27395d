import { chmodSync, rmSync } from 'node:fs';
import type { RuntimeServer } from '@steward/agent-host';
import { LineTransport } from '@steward/sdk';

/**
 * Serves the same protocol on a Unix socket or named pipe, so that a restarted host can come back to a running
 * runtime. The socket is private to the person. Resolves with the way to stop.
 */
export async function serveSocket(path: string, server: RuntimeServer): Promise<() => void> {
  const { createServer } = await import('node:net');
  const isPipe = process.platform === 'win32';
  if (!isPipe) rmSync(path, { force: true });
  const listener = createServer((socket) => server.connect(new LineTransport(socket, socket)));
  // Between listening and chmod nobody else may connect.
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(path, resolve);
    });
  } finally {
    process.umask(mask);
  }
  if (!isPipe) chmodSync(path, 0o600);
  return () => listener.close();
}
