import type { ErrorBody } from '@steward/contracts';
import type { HostBridge, HostEvent, HostReply } from '@steward/desktop-host/contract';

/** The part of a WebSocket that the bridge uses; the browser's own fits. */
export interface BridgeSocket {
  send(data: string): void;
  close(): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: never) => void) | null;
}

/** What the bridge needs from outside; tests give their own. */
export interface WebSocketBridgeDeps {
  readonly connect: () => BridgeSocket;
  readonly schedule: (run: () => void, delayMs: number) => void;
}

const firstDelayMs = 250;
const longestDelayMs = 5000;

const connectionLost: ErrorBody = {
  code: 'INTERNAL_ERROR',
  message: 'The connection to Steward on this machine was lost. It is being restored.',
  retryable: true,
  details: { reasonCodes: ['CONNECTION_LOST'] },
};

/**
 * The bridge over a WebSocket of the web shell. It reconnects by itself with growing pauses; calls that are in
 * flight when the connection goes are answered with a retryable error, calls made while it is away wait for nothing
 * and are answered the same way. Events missed meanwhile are not replayed here: reload by query after `up`.
 */
export function createWebSocketBridge(deps: WebSocketBridgeDeps = browserDeps()): HostBridge {
  const pending = new Map<number, (reply: HostReply<never>) => void>();
  const listeners = new Set<(event: HostEvent) => void>();
  const connectionListeners = new Set<(state: 'up' | 'down') => void>();
  let socket: BridgeSocket | null = null;
  let state: 'up' | 'down' | 'connecting' = 'connecting';
  let waiting: { readonly send: () => void; readonly lost: () => void }[] = [];
  let nextId = 1;
  let delayMs = firstDelayMs;

  const announce = (next: 'up' | 'down'): void => {
    if (state === next) return;
    state = next;
    for (const listener of connectionListeners) listener(next);
  };

  const connect = (): void => {
    const current = deps.connect();
    current.onopen = () => {
      socket = current;
      delayMs = firstDelayMs;
      const queued = waiting;
      waiting = [];
      announce('up');
      for (const call of queued) call.send();
    };
    current.onmessage = (message) => receive(message.data);
    current.onclose = () => {
      socket = null;
      const lost = [...pending.values()];
      pending.clear();
      for (const answer of lost) answer({ ok: false, error: connectionLost });
      const queued = waiting;
      waiting = [];
      for (const call of queued) call.lost();
      announce('down');
      deps.schedule(connect, delayMs);
      delayMs = Math.min(delayMs * 2, longestDelayMs);
    };
  };

  const receive = (data: unknown): void => {
    const message = parse(data);
    if (message === null) return;
    if ('event' in message) {
      for (const listener of listeners) listener(message.event as HostEvent);
      return;
    }
    const answer = pending.get(message['id'] as number);
    pending.delete(message['id'] as number);
    answer?.(
      message['ok'] === true
        ? { ok: true, result: message['result'] as never }
        : { ok: false, error: message['error'] as ErrorBody },
    );
  };

  connect();

  return {
    invoke: (name, params) =>
      new Promise((resolve) => {
        const send = (): void => {
          const id = nextId++;
          pending.set(id, resolve as (reply: HostReply<never>) => void);
          socket?.send(JSON.stringify({ id, name, params }));
        };
        const lost = (): void => resolve({ ok: false, error: connectionLost });
        if (socket !== null) send();
        else if (state === 'connecting') waiting.push({ send, lost });
        else lost();
      }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onConnection: (listener) => {
      connectionListeners.add(listener);
      return () => connectionListeners.delete(listener);
    },
  };
}

function parse(data: unknown): Record<string, unknown> | null {
  if (typeof data !== 'string') return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function browserDeps(): WebSocketBridgeDeps {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return {
    connect: () => new WebSocket(`${scheme}://${location.host}/bridge`) as unknown as BridgeSocket,
    schedule: (run, delayMs) => void setTimeout(run, delayMs),
  };
}
