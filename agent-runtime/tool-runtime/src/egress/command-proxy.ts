/**
 * The way out of a command in the sandbox: an HTTP proxy that judges every request by the rules of the egress module.
 * Tunnels carry TLS to the named host and nothing else; requests in clear text are taken apart and framed anew, so that
 * nothing rides along. Nobody but the sandbox it was opened for can reach it.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as open, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, isIP, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Transform, type Duplex } from 'node:stream';
import { StewardError } from '@steward/sdk';
import type { ToolWalls } from '@steward/tool-port';
import type { OpenedProxy } from '../sandbox/sandbox.ts';
import { readClientHello } from './client-hello.ts';
import { refused, resolveDestination, type Destination } from './destination.ts';
import { judgedLookup, type Egress } from './open-request.ts';
import { assertNoSecret, assertNoSecretInHeaders, secretBarrier } from './outgoing-secrets.ts';

const socketName = 'egress.sock';
const connectTimeoutMs = 30_000;
const idleTimeoutMs = 120_000;
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'content-length',
]);

/** Opens the proxy of one command: a socket in a folder of its own, or a loopback port that asks for a secret. */
export async function openCommandProxy(walls: ToolWalls, deps: Egress, kind: 'socket' | 'port'): Promise<OpenedProxy> {
  const folder = mkdtempSync(path.join(tmpdir(), 'steward-egress-'));
  const token = kind === 'port' ? randomBytes(24).toString('base64url') : undefined;
  const connections = new Set<Duplex>();
  const server = createServer({ maxHeaderSize: 32_768, insecureHTTPParser: false });
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (request, response) => {
    void forward(request, response, walls, deps, token);
  });
  server.on('connect', (request, socket, head) => {
    void tunnel(request, socket, head, walls, deps, token, connections);
  });
  server.on('upgrade', (_request, socket) => refuseTunnel(socket, 501, 'This proxy upgrades no connection.'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (kind === 'port') server.listen(0, '127.0.0.1', resolve);
    else server.listen(path.join(folder, socketName), resolve);
  });
  if (kind === 'socket') chmodSync(path.join(folder, socketName), 0o600);
  return {
    folder,
    socketName,
    ...(token === undefined ? {} : { token, port: (server.address() as AddressInfo).port }),
    close: () => {
      server.close();
      for (const socket of connections) socket.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  walls: ToolWalls,
  deps: Egress,
  token: string | undefined,
): Promise<void> {
  try {
    assertToken(request, token);
    const url = request.url ?? '';
    if (!/^http:\/\//i.test(url))
      throw new StewardError('INVALID_REQUEST', 'This proxy takes whole http addresses and CONNECT.');
    deps.budget.begin();
    assertNoSecret(url, 'the address');
    const headers = endToEnd(request.headers);
    assertNoSecretInHeaders(headers);
    deps.budget.send(Buffer.byteLength(Object.entries(headers).flat(2).join('') + url));
    const destination = await resolveDestination(url, walls, deps, false);
    await send(request, response, destination, walls, deps);
  } catch (error) {
    answerProblem(response, error);
  }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { target, addresses }: Destination,
  walls: ToolWalls,
  deps: Egress,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const length = request.headers['content-length'];
    const outgoing = open(target.url, {
      method: request.method ?? 'GET',
      headers: {
        ...endToEnd(request.headers),
        ...(length === undefined ? {} : { 'content-length': length }),
      },
      agent: false,
      lookup: judgedLookup(addresses),
      timeout: connectTimeoutMs,
    });
    const fail = (error: Error): void => {
      outgoing.destroy();
      reject(error);
    };
    outgoing.once('error', fail);
    outgoing.once('timeout', () => fail(new Error('The server did not answer in time.')));
    response.once('close', () => outgoing.destroy());
    outgoing.once('socket', (socket) => {
      socket.once('connect', () => {
        const reached = socket.remoteAddress ?? '';
        if (!walls.allowAddress(target.host, target.port, reached))
          return fail(refused(target.host, `the connection reached ${reached}`));
        const barrier = secretBarrier('the body');
        const counted = counter((bytes) => deps.budget.send(bytes));
        for (const part of [barrier, counted]) part.once('error', fail);
        request.pipe(barrier).pipe(counted).pipe(outgoing);
      });
    });
    outgoing.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers, true));
      const counted = counter((bytes) => deps.budget.receive(bytes));
      counted.once('error', fail);
      answer.once('error', fail);
      answer.pipe(counted).pipe(response);
      response.once('finish', resolve);
    });
  });
}

async function tunnel(
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
  walls: ToolWalls,
  deps: Egress,
  token: string | undefined,
  connections: Set<Duplex>,
): Promise<void> {
  client.on('error', () => client.destroy());
  let isOpen = false;
  try {
    assertToken(request, token);
    const authority = request.url ?? '';
    if (!/^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/.test(authority))
      throw new StewardError('INVALID_REQUEST', 'CONNECT names a host and a port.');
    deps.budget.begin();
    const destination = await resolveDestination(`https://${authority}/`, walls, deps, false);
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    isOpen = true;
    const first = await firstBytes(client, head, destination);
    deps.budget.send(first.length);
    const outer = await connectTo(destination, walls);
    connections.add(outer);
    outer.once('close', () => connections.delete(outer));
    join(client, outer, first, deps);
  } catch (error) {
    // Once the tunnel is open there is nobody left who would read an answer.
    if (isOpen) return void client.destroy();
    const { status, text } = problemOf(error);
    refuseTunnel(client, status, text);
  }
}

async function connectTo({ target, addresses }: Destination, walls: ToolWalls): Promise<Socket> {
  let last: unknown;
  for (const { address } of addresses) {
    try {
      return await new Promise<Socket>((resolve, reject) => {
        const socket = connect({ host: address, port: target.port, timeout: connectTimeoutMs });
        socket.once('error', reject);
        socket.once('timeout', () => socket.destroy(new Error('The host did not answer in time.')));
        socket.once('connect', () => {
          const reached = socket.remoteAddress ?? '';
          if (walls.allowAddress(target.host, target.port, reached)) resolve(socket);
          else socket.destroy(refused(target.host, `the connection reached ${reached}`));
        });
      });
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

/** The beginning of what the command sends, once it has shown that it is TLS for the host that was judged. */
function firstBytes(client: Duplex, head: Buffer, { target }: Destination): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = head;
    const settle = (problem?: string): void => {
      clearTimeout(timer);
      client.removeListener('data', onData);
      client.pause();
      if (problem === undefined) resolve(bytes);
      else reject(new StewardError('CAPABILITY_DENIED', problem));
    };
    const look = (): void => {
      const hello = readClientHello(bytes);
      if (hello.kind === 'incomplete') return;
      if (hello.kind === 'not_tls') return settle('Only TLS goes through a tunnel.');
      const named = hello.serverName ?? (isIP(target.host) === 0 ? undefined : target.host);
      settle(named === target.host ? undefined : 'The tunnel is for another server.');
    };
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      look();
    };
    const timer = setTimeout(() => settle('Nothing was sent through the tunnel.'), connectTimeoutMs);
    client.once('close', () => settle('The tunnel was closed.'));
    client.on('data', onData);
    look();
  });
}

/** Carries bytes both ways. */
function join(client: Duplex, outer: Socket, first: Buffer, deps: Egress): void {
  const end = (): void => {
    client.destroy();
    outer.destroy();
  };
  outer.setTimeout(idleTimeoutMs, end);
  const sent = counter((bytes) => deps.budget.send(bytes));
  const received = counter((bytes) => deps.budget.receive(bytes));
  for (const part of [client, outer, sent, received]) part.once('error', end);
  client.once('close', end);
  outer.once('close', end);
  outer.write(first);
  client.pipe(sent).pipe(outer);
  outer.pipe(received).pipe(client);
}

function counter(count: (bytes: number) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done): void {
      try {
        count(chunk.length);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

/** Headers that are meant for the other end; what `Connection` names is not, nor what frames the message. */
function endToEnd(headers: IncomingMessage['headers'], keepLength = false): Record<string, string | string[]> {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string | string[]] =>
        entry[1] !== undefined &&
        !named.has(entry[0]) &&
        (!hopByHop.has(entry[0]) || (keepLength && entry[0] === 'content-length')),
    ),
  );
}

function assertToken(request: IncomingMessage, token: string | undefined): void {
  if (token === undefined) return;
  const expected = Buffer.from(`Basic ${Buffer.from(`steward:${token}`).toString('base64')}`);
  const given = Buffer.from(request.headers['proxy-authorization'] ?? '');
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new StewardError('UNAUTHORIZED', 'This proxy belongs to another program.');
}

function problemOf(error: unknown): { status: number; text: string } {
  if (error instanceof StewardError)
    return {
      status: error.code === 'UNAUTHORIZED' ? 407 : error.code === 'INVALID_REQUEST' ? 400 : 403,
      text: error.message,
    };
  return { status: 502, text: 'The server could not be reached.' };
}

function answerProblem(response: ServerResponse, error: unknown): void {
  const { status, text } = problemOf(error);
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${text}\n`);
}

function refuseTunnel(client: Duplex, status: number, text: string): void {
  client.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text) + 1}\r\nConnection: close\r\n\r\n${text}\n`,
  );
}
