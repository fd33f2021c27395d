import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { HostEvent } from '@steward/desktop-host/contract';
import { createPreloadBridge } from '../src/preload-bridge.ts';

class FakeIpc extends EventEmitter {
  readonly invoked: unknown[][] = [];
  readonly invoke = (...args: unknown[]): Promise<unknown> => {
    this.invoked.push(args);
    return Promise.resolve({ ok: true, result: {} });
  };
}

describe('the preload bridge', () => {
  it('exposes the bridge and nothing else', () => {
    expect(Object.keys(createPreloadBridge(new FakeIpc() as never)).sort()).toEqual([
      'invoke',
      'onConnection',
      'subscribe',
    ]);
  });

  it('sends calls over the one channel', async () => {
    const ipc = new FakeIpc();

    const reply = await createPreloadBridge(ipc as never).invoke('getSnapshot', {});

    expect([reply, ipc.invoked]).toEqual([{ ok: true, result: {} }, [['steward:call', 'getSnapshot', {}]]]);
  });

  it('gives listeners the message alone, until they stop listening', () => {
    const ipc = new FakeIpc();
    const heard: unknown[][] = [];
    const stop = createPreloadBridge(ipc as never).subscribe((...args) => heard.push(args));
    const event = { type: 'snapshot' } as HostEvent;

    ipc.emit('steward:event', { sender: ipc }, event);
    stop();
    ipc.emit('steward:event', { sender: ipc }, event);

    expect(heard).toEqual([[event]]);
  });

  it('is always connected', async () => {
    const states: string[] = [];

    createPreloadBridge(new FakeIpc() as never).onConnection((state) => states.push(state));
    await Promise.resolve();

    expect(states).toEqual(['up']);
  });
});
