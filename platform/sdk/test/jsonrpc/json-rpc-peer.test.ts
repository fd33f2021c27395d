import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import {
  ConnectionClosedError,
  JsonRpcPeer,
  LineTransport,
  StewardError,
  createTransportPair,
} from '../../src/index.ts';
import type { RpcCall } from '../../src/index.ts';

interface Greeting {
  greet: { params: { name: string }; result: { text: string } };
  wait: { params: object; result: object };
}

function connect(options: ConstructorParameters<typeof JsonRpcPeer>[1] = {}) {
  const [left, right] = createTransportPair();
  const server = new JsonRpcPeer<Greeting>(right, options);
  const client = new JsonRpcPeer<Greeting>(left);
  return { server, client };
}

/** A peer that is spoken to in raw lines. */
function raw(options: { maxFrameBytes?: number; guard?: (method: string) => void } = {}) {
  const input = new PassThrough();
  const output = new PassThrough();
  const lines: unknown[] = [];
  const waiting: ((line: unknown) => void)[] = [];
  const accept = (line: unknown): void => {
    const next = waiting.shift();
    if (next) next(line);
    else lines.push(line);
  };
  let rest = '';
  output.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) accept(JSON.parse(part));
  });
  const peer = new JsonRpcPeer<Greeting>(
    new LineTransport(
      input,
      output,
      options.maxFrameBytes === undefined ? {} : { maxFrameBytes: options.maxFrameBytes },
    ),
    options.guard === undefined ? {} : { guard: options.guard },
  );
  peer.handle('greet', ({ name }) => ({ text: `Hello ${name}` }));
  return {
    peer,
    input,
    say: (text: string) => input.write(text + '\n'),
    next: (): Promise<unknown> => {
      const line = lines.shift();
      return line === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(line);
    },
  };
}

describe('JsonRpcPeer', () => {
  it('answers requests of the other side', async () => {
    const { server, client } = connect();
    server.handle('greet', ({ name }) => ({ text: `Hello ${name}` }));
    server.start();
    client.start();

    await expect(client.request('greet', { name: 'Ada' })).resolves.toEqual({ text: 'Hello Ada' });
  });

  it('carries the code and details of a StewardError', async () => {
    const { server, client } = connect();
    server.handle('greet', () => {
      throw new StewardError('CONFLICT', 'Already greeted.', { details: { times: 2 } });
    });
    server.start();
    client.start();

    await expect(client.request('greet', { name: 'Ada' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'Already greeted.',
      details: { times: 2 },
    });
  });

  it('rejects what is pending when the connection closes and aborts the handler', async () => {
    const { server, client } = connect();
    let call: RpcCall | undefined;
    const called = new Promise<void>((resolve) => {
      server.handle('wait', (_params, received) => {
        call = received;
        resolve();
        return new Promise(() => undefined);
      });
    });
    server.start();
    client.start();
    const pending = client.request('wait', {});
    const aborted = called.then(() => new Promise((resolve) => call?.signal.addEventListener('abort', resolve)));
    await called;

    client.close();

    await expect(pending).rejects.toBeInstanceOf(ConnectionClosedError);
    await aborted;
  });

  it('tells the other side when a request is aborted', async () => {
    const { server, client } = connect();
    const controller = new AbortController();
    const aborted = new Promise((resolve) => {
      server.handle('wait', (_params, { signal }) => {
        signal.addEventListener('abort', resolve);
        controller.abort(new Error('changed my mind'));
        return new Promise(() => undefined);
      });
    });
    server.start();
    client.start();

    await expect(client.request('wait', {}, { signal: controller.signal })).rejects.toThrow('changed my mind');
    await aborted;
  });

  it('applies a notification before the request behind it', async () => {
    const { peer, say, next } = raw();
    let ready = false;
    peer.onNotification('initialized', () => {
      ready = true;
    });
    peer.handle('wait', () => ({ ready }));
    peer.start();

    say('{"jsonrpc":"2.0","method":"initialized"}\n{"jsonrpc":"2.0","id":1,"method":"wait"}');

    await expect(next()).resolves.toEqual({ jsonrpc: '2.0', id: 1, result: { ready: true } });
  });

  it.each([
    ['not json', null, -32700],
    ['[{"jsonrpc":"2.0","id":1,"method":"greet"}]', null, -32600],
    ['42', null, -32600],
    ['{"id":1,"method":"greet"}', 1, -32600],
    ['{"jsonrpc":"2.0","id":1}', 1, -32600],
    ['{"jsonrpc":"2.0","id":{},"method":"greet"}', null, -32600],
    ['{"jsonrpc":"2.0","id":7,"method":"greet","params":5}', 7, -32600],
    ['{"jsonrpc":"2.0","id":7,"method":"__proto__"}', 7, -32601],
  ])('answers %s with an error and lives on', async (line, id, code) => {
    const { peer, say, next } = raw();
    peer.start();

    say(line);
    say('{"jsonrpc":"2.0","id":"after","method":"greet","params":{"name":"Ada"}}');

    expect(await next()).toMatchObject({ id, error: { code } });
    expect(await next()).toEqual({ jsonrpc: '2.0', id: 'after', result: { text: 'Hello Ada' } });
  });

  it('skips a frame beyond the limit, says so and lives on', async () => {
    const { peer, say, next } = raw({ maxFrameBytes: 100 });
    peer.start();

    say('x'.repeat(101));
    say('{"jsonrpc":"2.0","id":1,"method":"greet","params":{"name":"Ada"}}');

    expect(await next()).toMatchObject({ id: null, error: { code: -32600, data: { code: 'FILE_TOO_LARGE' } } });
    expect(await next()).toEqual({ jsonrpc: '2.0', id: 1, result: { text: 'Hello Ada' } });
  });

  it('reads characters that are split between chunks', async () => {
    const { peer, input, next } = raw();
    peer.start();
    const bytes = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"greet","params":{"name":"Zoë 🦊"}}\n');

    for (const byte of bytes) input.write(Buffer.from([byte]));

    expect(await next()).toEqual({ jsonrpc: '2.0', id: 1, result: { text: 'Hello Zoë 🦊' } });
  });

  it('asks the guard before anything else', async () => {
    const guard = (): void => {
      throw new StewardError('PROTOCOL_NOT_INITIALIZED', 'Send initialize first.');
    };
    const { peer, say, next } = raw({ guard });
    peer.start();

    say('{"jsonrpc":"2.0","id":1,"method":"unknown"}');

    expect(await next()).toMatchObject({ id: 1, error: { code: -32023, data: { code: 'PROTOCOL_NOT_INITIALIZED' } } });
  });

  it('ignores answers nobody asked for', async () => {
    const { peer, say, next } = raw();
    peer.start();

    say('{"jsonrpc":"2.0","id":99,"result":{}}');
    say('{"jsonrpc":"2.0","id":1,"method":"greet","params":{"name":"Ada"}}');

    expect(await next()).toMatchObject({ id: 1 });
  });
});
