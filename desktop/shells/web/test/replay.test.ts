import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Host, HostEvent, HostReply } from '@steward/desktop-host';
import type { WebSocket } from 'ws';
import { BridgeServer } from '../src/bridge-server.ts';
import { BrowserSessions } from '../src/browser-sessions.ts';
import { openBridge } from './support.ts';

type Event = Extract<HostEvent, { type: 'session_event' }>['event'];

const sessionId = 'sess_00000000000000000000000001';
const eventOf = (seq: number): Event => ({
  eventId: `evt_${seq}`,
  sessionId,
  eventType: 'text_chunk',
  timestamp: '2026-11-21T09:00:00.000Z',
  seq,
  payload: { text: 'x'.repeat(200) },
});
const seqs = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_item, i) => from + i);

/** A host of one session whose record is in memory. */
class RecordedHost {
  readonly events: Event[] = [];
  readonly #listeners = new Set<(event: HostEvent) => void>();

  call(name: string, params: { fromSeq: number; limit?: number }): Promise<HostReply> {
    if (name !== 'getEvents') return Promise.resolve({ ok: true, result: { appVersion: 'x' } } as HostReply);
    const { fromSeq, limit = 50 } = params;
    const events = this.events.slice(fromSeq - 1, fromSeq - 1 + limit);
    const next = fromSeq + events.length;
    const more = next <= this.events.length ? { nextFromSeq: next } : {};
    return Promise.resolve({ ok: true, result: { events, lastSeq: this.events.length, ...more } } as HostReply);
  }

  subscribe(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Makes the next events, all at once, as a runtime does that has been waited for. */
  make(count: number): void {
    for (let made = 0; made < count; made += 1) {
      const event = eventOf(this.events.length + 1);
      this.events.push(event);
      for (const listener of this.#listeners) listener({ type: 'session_event', sessionId, event });
    }
  }
}

/** A window: what it was sent live, and what it asks for. */
class Window {
  readonly live: number[] = [];
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (result: { events: Event[]; nextFromSeq?: number }) => void>();
  #nextId = 1;
  #waiting: { readonly seq: number; readonly resolve: () => void }[] = [];

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { id?: number; result?: never; event?: HostEvent };
      if (message.id !== undefined) this.#answers.get(message.id)?.(message.result!);
      if (message.event?.type !== 'session_event') return;
      const { seq } = message.event.event;
      this.live.push(seq);
      for (const entry of this.#waiting) if (entry.seq === seq) entry.resolve();
    });
  }

  /** Resolves once the event has come by itself. */
  reached(seq: number): Promise<void> {
    if (this.live.includes(seq)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ seq, resolve }));
  }

  async readFrom(fromSeq: number): Promise<number[]> {
    const read: number[] = [];
    for (let from: number | undefined = fromSeq; from !== undefined;) {
      const id = (this.#nextId += 1);
      const params = { sessionId, fromSeq: from };
      const answer = new Promise<{ events: Event[]; nextFromSeq?: number }>((resolve) =>
        this.#answers.set(id, resolve),
      );
      this.#socket.send(JSON.stringify({ id, name: 'getEvents', params }));
      const page: { events: Event[]; nextFromSeq?: number } = await answer;
      read.push(...page.events.map(({ seq }) => seq));
      from = page.nextFromSeq;
    }
    return read;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.close();
    await closed;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }
}

describe('windows over real connections', () => {
  const host = (): RecordedHost => recorded;
  let recorded: RecordedHost;
  let server: Server;
  let bridge: BridgeServer;
  let cookie: string;
  const open: Window[] = [];

  const openWindow = async (): Promise<Window> => {
    const { port } = server.address() as AddressInfo;
    const origin = `http://127.0.0.1:${port}`;
    const socket = await openBridge(`ws://127.0.0.1:${port}/bridge`, { origin, cookie });
    if (typeof socket === 'number') throw new Error(`The bridge answered ${socket}.`);
    const window = new Window(socket);
    open.push(window);
    return window;
  };

  beforeEach(async () => {
    recorded = new RecordedHost();
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const sessions = new BrowserSessions(port);
    cookie = sessions.admit().split(';')[0]!;
    const calls = recorded as unknown as Pick<Host, 'call' | 'subscribe'>;
    bridge = new BridgeServer({ server, port, sessions, host: calls, maxBufferedBytes: 4_000 });
  });
  afterEach(async () => {
    for (const window of open.splice(0)) window.resume();
    bridge.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('each get every event once and in order, also one that reads nothing for a while', async () => {
    const [fast, slow] = [await openWindow(), await openWindow()];
    slow.pause();

    host().make(5_000);
    await fast.reached(5_000);
    slow.resume();
    await slow.reached(5_000);
    host().make(1);
    await Promise.all([fast.reached(5_001), slow.reached(5_001)]);

    expect(fast.live).toEqual(seqs(1, 5_001));
    expect(slow.live).toEqual(seqs(1, 5_001));
  });

  it('have after a reload, from whatever they had seen, every event once and in order', async () => {
    const stays = await openWindow();
    const reloads = await openWindow();
    host().make(120);
    await reloads.reached(120);
    await reloads.close();
    host().make(30);
    const again = await openWindow();

    const whole = await again.readFrom(1);
    const rest = await again.readFrom(121);
    host().make(10);
    await Promise.all([again.reached(160), stays.reached(160)]);

    expect(reloads.live).toEqual(seqs(1, 120));
    expect([...whole, ...again.live]).toEqual(seqs(1, 160));
    expect([...reloads.live, ...rest, ...again.live]).toEqual(seqs(1, 160));
    expect(stays.live).toEqual(seqs(1, 160));
  });
});
