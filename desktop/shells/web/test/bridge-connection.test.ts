import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { Host, HostEvent, HostReply } from '@steward/desktop-host';
import type { WebSocket } from 'ws';
import { BridgeConnection } from '../src/bridge-connection.ts';

const sessionId = 'sess_00000000000000000000000001';
const eventOf = (seq: number): Extract<HostEvent, { type: 'session_event' }>['event'] => ({
  eventId: `evt_${seq}`,
  sessionId,
  eventType: 'text_chunk',
  timestamp: '2026-11-21T09:00:00.000Z',
  seq,
  payload: {},
});

/** A socket whose other side reads only when the test says so. */
class SlowSocket extends EventEmitter {
  readonly OPEN = 1;
  readonly readyState = 1;
  readonly taken: Record<string, never>[] = [];
  #waiting: { readonly text: string; readonly sent: () => void }[] = [];

  get bufferedAmount(): number {
    return this.#waiting.reduce((sum, { text }) => sum + text.length, 0);
  }

  send(text: string, sent: () => void): void {
    this.#waiting.push({ text, sent });
  }

  /** The reader takes everything that waits, and whatever comes because of it. */
  async read(): Promise<void> {
    for (let quiet = 0; quiet < 5; quiet += 1) {
      const waiting = this.#waiting;
      this.#waiting = [];
      if (waiting.length > 0) quiet = 0;
      for (const { text, sent } of waiting) {
        this.taken.push(JSON.parse(text) as Record<string, never>);
        sent();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function connect(answerEvents: (fromSeq: number, limit: number) => HostReply): {
  socket: SlowSocket;
  announce: (event: HostEvent) => void;
} {
  const socket = new SlowSocket();
  let announce: (event: HostEvent) => void = () => undefined;
  const host: Pick<Host, 'call' | 'subscribe'> = {
    call: (name, params) => {
      const { fromSeq, limit } = params as { fromSeq: number; limit: number };
      return Promise.resolve(
        name === 'getEvents' ? answerEvents(fromSeq, limit) : ({ ok: true, result: { appVersion: 'x' } } as HostReply),
      );
    },
    subscribe: (listener) => {
      announce = listener;
      return () => undefined;
    },
  };
  new BridgeConnection(socket as unknown as WebSocket, { host, maxBufferedBytes: 2_000 });
  return { socket, announce: (event) => announce(event) };
}

const announced = (socket: SlowSocket): { seq: number; eventType: string }[] =>
  socket.taken.flatMap((message) => {
    const event = message['event'] as HostEvent | undefined;
    return event?.type === 'session_event' ? [event.event] : [];
  });

describe('BridgeConnection with a window that reads slowly', () => {
  it('holds events back instead of piling them up, and sends every one in order once the window reads', async () => {
    let last = 0;
    const { socket, announce } = connect((fromSeq, limit) => {
      const all = Array.from({ length: last - fromSeq + 1 }, (_item, index) => eventOf(fromSeq + index));
      return { ok: true, result: { events: all.slice(0, limit), lastSeq: last } } as HostReply;
    });

    for (last = 1; last <= 1000; last += 1) announce({ type: 'session_event', sessionId, event: eventOf(last) });
    last = 1000;
    const piledUp = socket.bufferedAmount;
    await socket.read();
    announce({ type: 'session_event', sessionId, event: eventOf((last = 1001)) });
    await socket.read();

    expect(piledUp).toBeLessThan(3_000);
    expect(announced(socket).map((event) => event.seq)).toEqual(
      Array.from({ length: 1001 }, (_item, index) => index + 1),
    );
    expect(socket.taken).toContainEqual({ event: { type: 'snapshot', snapshot: { appVersion: 'x' } } });
  });

  it('says from where to reload when the missed events can’t be had', async () => {
    const { socket, announce } = connect(() => ({
      ok: false,
      error: { code: 'SESSION_NOT_FOUND', message: '', retryable: false, details: {} },
    }));

    for (let seq = 1; seq <= 100; seq += 1) announce({ type: 'session_event', sessionId, event: eventOf(seq) });
    const sent = socket.bufferedAmount;
    await socket.read();

    const events = announced(socket);
    const gap = events.at(-1);
    expect(sent).toBeLessThan(3_000);
    expect(gap).toMatchObject({ eventType: 'stream_gap', payload: { reloadFromSeq: events.length } });
  });
});
