import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newId, readServerSentEvents } from '@steward/sdk';
import type { ServerSentEvent } from '@steward/sdk';
import { listen } from '@steward/service-kit';
import type { RunningService } from '@steward/service-kit';
import { MemoryEventRepository } from '../../src/events/repository.memory.ts';
import { createFixture, sentEvent } from '../fixtures.ts';
import type { AuditFixture } from '../fixtures.ts';

describe('the live stream of a workspace', () => {
  let events: MemoryEventRepository;
  let app: AuditFixture;
  let running: RunningService;
  let alice: string;
  let workspaceId: string;

  beforeEach(async () => {
    events = new MemoryEventRepository();
    // A poll that never comes by itself: what arrives was announced.
    app = await createFixture({ events, pollMs: 600_000 });
    running = await listen(app.service, { host: '127.0.0.1', port: 0 });
    alice = await app.token('alice');
    workspaceId = newId('ws');
  });

  afterEach(() => running.stop());

  async function append(count: number, through = app): Promise<void> {
    const body = { events: Array.from({ length: count }, () => sentEvent({ workspaceId })) };
    const answer = await through.api.post('/audit/events', { token: await through.token('alice'), body });
    if (answer.status !== 201) throw new Error(`append answered ${answer.status}`);
  }

  /** Opens the stream on a connection of its own. */
  function open(
    options: {
      query?: string;
      token?: string;
      headers?: object;
      from?: string;
      workspace?: string;
      method?: string;
    } = {},
  ): Promise<IncomingMessage> {
    const {
      query = '',
      token = alice,
      headers = {},
      from = running.url,
      workspace = workspaceId,
      method = 'GET',
    } = options;
    return new Promise((resolve, reject) => {
      const asking = request(`${from}/streams/workspaces/${workspace}${query}`, {
        method,
        agent: false,
        headers: { authorization: `Bearer ${token}`, ...headers },
      });
      asking.on('response', resolve).on('error', reject).end();
    });
  }

  function reader(response: IncomingMessage): AsyncGenerator<ServerSentEvent> {
    return readServerSentEvents(Readable.toWeb(response) as ReadableStream<Uint8Array>);
  }

  async function status(options: Parameters<typeof open>[0]): Promise<number | undefined> {
    const response = await open(options);
    response.resume();
    return response.statusCode;
  }

  async function take(source: AsyncGenerator<ServerSentEvent>, count: number): Promise<number[]> {
    const numbers: number[] = [];
    while (numbers.length < count) {
      const { value, done } = await source.next();
      if (done || value === undefined) break;
      numbers.push((JSON.parse(value.data) as { streamSeq: number }).streamSeq);
      expect(value.id).toBe(String(numbers.at(-1)));
    }
    return numbers;
  }

  it('sends history and then what happens, each event once and in order', async () => {
    await append(3);
    const response = await open();
    const source = reader(response);

    const history = await take(source, 3);
    await append(2);
    const live = await take(source, 2);
    await source.return(undefined);

    expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect([history, live]).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('loses and doubles nothing while many writers add', async () => {
    await append(1);
    const source = reader(await open());

    const [numbers] = await Promise.all([take(source, 61), ...Array.from({ length: 20 }, () => append(3))]);
    await source.return(undefined);

    expect(numbers).toEqual(Array.from({ length: 61 }, (_, n) => n + 1));
  });

  it('goes on after the last number a reader had, which counts more than from_seq', async () => {
    await append(5);

    const fromSeq = reader(await open({ query: '?from_seq=4' }));
    const reconnected = reader(await open({ query: '?from_seq=1', headers: { 'last-event-id': '3' } }));

    expect(await take(fromSeq, 2)).toEqual([4, 5]);
    expect(await take(reconnected, 2)).toEqual([4, 5]);
    await fromSeq.return(undefined);
    await reconnected.return(undefined);
  });

  it('finds by itself what another instance stored', async () => {
    const looking = await createFixture({ events, pollMs: 5 });
    const other = await listen(looking.service, { host: '127.0.0.1', port: 0 });
    await append(1);
    const source = reader(await open({ from: other.url, token: await looking.token('alice') }));
    await take(source, 1);

    await append(2, app);
    const live = await take(source, 2);
    await source.return(undefined);
    await other.stop();

    expect(live).toEqual([2, 3]);
  });

  it('stays apart from streams of other workspaces', async () => {
    await append(1);
    const source = reader(await open());
    await take(source, 1);

    const body = { events: [sentEvent({ workspaceId: newId('ws') })] };
    await app.api.post('/audit/events', { token: alice, body });
    await append(1);

    expect(await take(source, 1)).toEqual([2]);
    await source.return(undefined);
  });

  it('sends a heartbeat while nothing happens', async () => {
    const quiet = await createFixture({ events, pollMs: 1, heartbeatMs: 0 });
    const other = await listen(quiet.service, { host: '127.0.0.1', port: 0 });
    await append(1);
    const response = await open({ from: other.url, token: await quiet.token('alice'), query: '?from_seq=2' });

    let seen = '';
    for await (const chunk of response) {
      seen += String(chunk);
      if (seen.includes('\n\n')) break;
    }

    expect(seen).toContain(': heartbeat\n\n');
    await other.stop();
  });

  it('ends when the service drains, so that readers connect elsewhere', async () => {
    await append(1);
    const source = reader(await open());
    await take(source, 1);

    await running.stop();

    expect(await source.next()).toEqual({ done: true, value: undefined });
  });

  it('reads no further than a slow reader takes', async () => {
    for (let n = 0; n < 30; n += 1) {
      const body = {
        events: Array.from({ length: 20 }, () => sentEvent({ workspaceId, payload: { text: 'x'.repeat(60_000) } })),
      };
      await app.api.post('/audit/events', { token: alice, body });
    }
    let read = 0;
    const readStream = events.readStream.bind(events);
    events.readStream = async function* (scope, stream, fromSeq) {
      for await (const stored of readStream(scope, stream, fromSeq)) {
        read += 1;
        yield stored;
      }
    };
    const source = reader(await open());
    await take(source, 1);

    const readBefore = read;
    const numbers = await take(source, 599);
    await source.return(undefined);

    expect(readBefore).toBeLessThan(600);
    expect(numbers).toHaveLength(599);
  });

  it('answers a stream that the reader may not see like one that does not exist', async () => {
    await append(1);
    const strangers = [
      await app.token('bob'),
      await app.token('alice', 'globex'),
      await app.token('mallory', 'globex', ['auditor', 'admin', 'operator']),
    ];

    for (const token of strangers) {
      const response = await open({ token });
      expect(response.statusCode).toBe(404);
      expect(JSON.parse(await text(response))).toMatchObject({ code: 'NOT_FOUND', details: { workspaceId } });
    }
    expect(await status({ workspace: newId('ws') })).toBe(404);
  });

  it('shows the stream to auditors, admins and operators of the tenant', async () => {
    await append(1);

    for (const role of ['auditor', 'admin', 'operator']) {
      const source = reader(await open({ token: await app.token('dave', 'acme', [role]) }));
      expect(await take(source, 1)).toEqual([1]);
      await source.return(undefined);
    }
  });

  it.each([
    ['?from_seq=0', {}],
    ['?from_seq=x', {}],
    ['', { 'last-event-id': '-1' }],
    ['', { 'last-event-id': 'x' }],
  ])('refuses %s %j', async (query, headers) => {
    await append(1);

    expect(await status({ query, headers })).toBe(400);
  });

  it('answers HEAD without staying', async () => {
    await append(1);

    expect(await status({ method: 'HEAD' })).toBe(200);
  });
});
