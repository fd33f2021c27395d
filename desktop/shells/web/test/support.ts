import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { startWebShell } from '../src/index.ts';
import type { WebShell } from '../src/index.ts';

/** A web shell over a small built app, on a stack that is not there. */
export interface TestShell {
  readonly shell: WebShell;
  readonly origin: string;
  readonly home: string;
  /** Redeems the launch link and returns the cookie. */
  launch(): Promise<string>;
  remove(): Promise<void>;
}

export async function startTestShell(): Promise<TestShell> {
  const home = await mkdtemp(join(tmpdir(), 'steward-shell-'));
  const appFolder = join(home, 'app');
  await mkdir(join(appFolder, 'assets'), { recursive: true });
  await writeFile(join(appFolder, 'index.html'), '<!doctype html><title>Steward</title>');
  await writeFile(join(appFolder, 'assets', 'index-abc123.js'), 'export {};');
  const shell = await startWebShell({
    stack: {
      services: {},
      issuer: 'http://127.0.0.1:9',
      clientId: 'steward-desktop',
      caFile: undefined,
      home,
      runtime: { command: ['node'], env: {} },
      model: 'demo model',
      demoModel: true,
    },
    appVersion: '1.2.3',
    appFolder,
    port: 0,
    log: () => undefined,
  });
  const origin = `http://127.0.0.1:${shell.port}`;
  return {
    shell,
    origin,
    home,
    launch: async () => {
      const answer = await fetch(shell.launchUrl(), { redirect: 'manual' });
      return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    },
    remove: async () => {
      await shell.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** A GET with exactly these headers; `fetch` does not let a caller choose Host. */
export function get(
  port: number,
  path: string,
  headers: Record<string, string>,
  method: string = 'GET',
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      let body = '';
      answer.on('data', (chunk: Buffer) => (body += chunk.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    sent.once('error', reject).end();
  });
}

/** Opens the bridge; resolves with the socket or the status that refused it. */
export function openBridge(url: string, headers: Record<string, string>): Promise<WebSocket | number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { headers });
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_request, answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    socket.on('error', () => undefined);
  });
}

/** Sends one message and resolves with the next answer that fits. */
export function ask(socket: WebSocket, message: unknown): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    const onMessage = (data: unknown): void => {
      const answer = JSON.parse(String(data)) as Record<string, unknown>;
      if ('event' in answer) return;
      socket.off('message', onMessage);
      resolve(answer);
    };
    socket.on('message', onMessage);
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  });
}
