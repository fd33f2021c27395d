import { describe, expect, it } from '@jest/globals';
import { createWebSocketBridge } from '../src/web-socket-bridge.ts';
import type { BridgeSocket } from '../src/web-socket-bridge.ts';

class ScriptedSocket implements BridgeSocket {
  readonly sent: { id: number; name: string; params: unknown }[] = [];
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  send(data: string): void {
    this.sent.push(JSON.parse(data) as never);
  }
  close(): void {
    this.onclose?.(undefined as never);
  }
  open(): void {
    this.onopen?.(undefined as never);
  }
  receive(message: unknown): void {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }
}

function setUp() {
  const sockets: ScriptedSocket[] = [];
  const pauses: { run: () => void; delayMs: number }[] = [];
  const bridge = createWebSocketBridge({
    connect: () => {
      const socket = new ScriptedSocket();
      sockets.push(socket);
      return socket;
    },
    schedule: (run, delayMs) => pauses.push({ run, delayMs }),
  });
  return { bridge, sockets, pauses };
}

describe('createWebSocketBridge', () => {
  it('sends calls made before the connection stands once it does, and routes answers by id', async () => {
    const { bridge, sockets } = setUp();
    const first = bridge.invoke('signOut', {});
    const second = bridge.invoke('closeConversation', { sessionId: 'sess_1' });

    sockets[0]!.open();
    sockets[0]!.receive({
      id: 2,
      ok: false,
      error: { code: 'NOT_FOUND', message: 'No.', retryable: false, details: {} },
    });
    sockets[0]!.receive({ id: 1, ok: true, result: {} });

    expect(sockets[0]!.sent).toEqual([
      { id: 1, name: 'signOut', params: {} },
      { id: 2, name: 'closeConversation', params: { sessionId: 'sess_1' } },
    ]);
    expect(await first).toEqual({ ok: true, result: {} });
    expect(await second).toEqual({
      ok: false,
      error: { code: 'NOT_FOUND', message: 'No.', retryable: false, details: {} },
    });
  });

  it('answers calls in flight with a retryable error when the connection goes', async () => {
    const { bridge, sockets } = setUp();
    sockets[0]!.open();
    const call = bridge.invoke('getSnapshot', {});

    sockets[0]!.close();

    expect(await call).toMatchObject({
      ok: false,
      error: { retryable: true, details: { reasonCodes: ['CONNECTION_LOST'] } },
    });
    expect(await bridge.invoke('getSnapshot', {})).toMatchObject({ ok: false, error: { retryable: true } });
  });

  it('tries again with growing pauses and says when it is back', () => {
    const { bridge, sockets, pauses } = setUp();
    const states: string[] = [];
    bridge.onConnection((state) => states.push(state));
    sockets[0]!.open();

    for (let attempt = 0; attempt < 7; attempt += 1) {
      sockets.at(-1)!.close();
      pauses.at(-1)!.run();
    }
    sockets.at(-1)!.open();

    expect(pauses.map((pause) => pause.delayMs)).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
    expect(states).toEqual(['up', 'down', 'up']);
  });

  it('hands events to every listener and ignores what is not a message', () => {
    const { bridge, sockets } = setUp();
    const heard: unknown[] = [];
    const stop = bridge.subscribe((event) => heard.push(event));
    sockets[0]!.open();

    sockets[0]!.receive({ event: { type: 'snapshot', snapshot: {} } });
    sockets[0]!.receive('not json');
    sockets[0]!.receive('[1]');
    stop();
    sockets[0]!.receive({ event: { type: 'snapshot', snapshot: {} } });

    expect(heard).toEqual([{ type: 'snapshot', snapshot: {} }]);
  });
});
