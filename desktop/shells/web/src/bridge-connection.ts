import type { Host, HostEvent } from '@steward/desktop-host';
import { StewardError, newId, toErrorBody } from '@steward/sdk';
import { streamGap } from '@steward/desktop-host';
import type { WebSocket } from 'ws';

/** What {@link BridgeConnection} needs. */
export interface BridgeConnectionDeps {
  readonly host: Pick<Host, 'call' | 'subscribe'>;
  /** Bytes waiting in the socket beyond which events are held back; 1 MiB unless given. */
  readonly maxBufferedBytes?: number;
}

const maxRunning = 200;

/**
 * One window's end of the bridge. Calls come in as `{id, name, params}` and are answered by `{id, ok, …}`; events go
 * out as `{event}`. A window that reads too slowly is never cut off: its session events are held back, and once it has
 * caught up it gets the current snapshot and a `stream_gap` per session with the sequence to reload from.
 */
export class BridgeConnection {
  readonly #socket: WebSocket;
  readonly #deps: BridgeConnectionDeps;
  readonly #maxBuffered: number;
  /** Session → first sequence that was held back; undefined while the window keeps up. */
  #heldBack: Map<string, number> | undefined;
  #running = 0;

  constructor(socket: WebSocket, deps: BridgeConnectionDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#maxBuffered = deps.maxBufferedBytes ?? 1024 * 1024;
    const unsubscribe = deps.host.subscribe((event) => this.#announce(event));
    socket.on('message', (data, isBinary) => void this.#receive(isBinary ? undefined : String(data)));
    socket.on('close', unsubscribe);
    socket.on('error', () => socket.terminate());
  }

  async #receive(text: string | undefined): Promise<void> {
    const message = parseCall(text);
    if (message === undefined) {
      this.#reply(null, refused('A message over the bridge is {id, name, params}.'));
      return;
    }
    if (this.#running >= maxRunning) {
      const error = new StewardError('RATE_LIMITED', `More than ${maxRunning} calls are waiting. Wait for their answers.`);
      this.#reply(message.id, { ok: false, error: toErrorBody(error) });
      return;
    }
    this.#running += 1;
    const reply = await this.#deps.host.call(message.name, message.params);
    this.#running -= 1;
    this.#reply(message.id, reply);
  }

  #reply(id: string | number | null, reply: object): void {
    this.#send({ id, ...reply });
  }

  #announce(event: HostEvent): void {
    if (this.#heldBack === undefined && this.#socket.bufferedAmount <= this.#maxBuffered) {
      this.#send({ event });
      return;
    }
    this.#heldBack ??= new Map();
    if (event.type !== 'session_event') return;
    if (!this.#heldBack.has(event.sessionId)) this.#heldBack.set(event.sessionId, event.event.seq);
  }

  #send(message: object): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(JSON.stringify(message), () => this.#onSent());
  }

  #onSent(): void {
    const heldBack = this.#heldBack;
    if (heldBack === undefined || this.#socket.bufferedAmount > this.#maxBuffered / 4) return;
    this.#heldBack = undefined;
    void this.#catchUp(heldBack);
  }

  async #catchUp(heldBack: ReadonlyMap<string, number>): Promise<void> {
    const reply = await this.#deps.host.call('getSnapshot', {});
    if (reply.ok) this.#send({ event: { type: 'snapshot', snapshot: reply.result } });
    for (const [sessionId, seq] of heldBack) {
      const event = streamGap({ eventId: newId('evt'), sessionId, timestamp: new Date().toISOString() }, seq);
      this.#send({ event: { type: 'session_event', sessionId, event } });
    }
  }
}

function parseCall(text: string | undefined): { id: string | number; name: unknown; params: unknown } | undefined {
  try {
    const { id, name, params } = JSON.parse(text ?? '') as Record<string, unknown>;
    const usable = Number.isSafeInteger(id) || (typeof id === 'string' && id.length <= 100);
    return usable ? { id: id as string | number, name, params: params ?? {} } : undefined;
  } catch {
    return undefined;
  }
}

function refused(message: string): object {
  return { ok: false, error: toErrorBody(new StewardError('INVALID_REQUEST', message)) };
}
