import type { Host, HostEvent } from '@steward/desktop-host';
import { streamGap } from '@steward/desktop-host';
import { StewardError, newId, toErrorBody } from '@steward/sdk';
import type { WebSocket } from 'ws';

/** What {@link BridgeConnection} needs. */
export interface BridgeConnectionDeps {
  readonly host: Pick<Host, 'call' | 'subscribe'>;
  /** Bytes waiting in the socket beyond which events are held back; 1 MiB unless given. */
  readonly maxBufferedBytes?: number;
}

/** What a slow window has not been sent yet of one session. */
interface HeldBack {
  /** First sequence that was held back. */
  nextSeq: number;
  /** Highest sequence seen since. */
  lastSeq: number;
}

const maxRunning = 200;
const pageSize = 200;

/**
 * One window's end of the bridge. Calls come in as `{id, name, params}` and are answered by `{id, ok, …}`; events go
 * out as `{event}`. A window that reads too slowly is never cut off and nothing is dropped: its events are held back,
 * and once it has caught up it gets the current snapshot and the missed events from the session's own record, page by
 * page. Only when that record can't be had it is told by a `stream_gap` from where to reload.
 */
export class BridgeConnection {
  readonly #socket: WebSocket;
  readonly #deps: BridgeConnectionDeps;
  readonly #maxBuffered: number;
  /** Undefined while the window keeps up. */
  #heldBack: Map<string, HeldBack> | undefined;
  #catchingUp = false;
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
      this.#send({ id: null, ...refused('INVALID_REQUEST', 'A message over the bridge is {id, name, params}.') });
      return;
    }
    const { id, name, params } = message;
    if (this.#running >= maxRunning) {
      this.#send({
        id,
        ...refused('RATE_LIMITED', `More than ${maxRunning} calls are waiting. Wait for their answers.`),
      });
      return;
    }
    this.#running += 1;
    const reply = await this.#deps.host.call(name, params);
    this.#running -= 1;
    this.#send({ id, ...reply });
  }

  #announce(event: HostEvent): void {
    if (this.#heldBack === undefined && this.#socket.bufferedAmount <= this.#maxBuffered) {
      this.#send({ event });
      return;
    }
    this.#heldBack ??= new Map();
    if (event.type !== 'session_event') return;
    const { sessionId } = event;
    const { seq } = event.event;
    const held = this.#heldBack.get(sessionId);
    this.#heldBack.set(sessionId, { nextSeq: held?.nextSeq ?? seq, lastSeq: Math.max(held?.lastSeq ?? 0, seq) });
  }

  #send(message: object): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(JSON.stringify(message), () => this.#onSent());
  }

  #onSent(): void {
    if (this.#heldBack === undefined || this.#catchingUp || !this.#hasRoom()) return;
    this.#catchingUp = true;
    void this.#catchUp(this.#heldBack).finally(() => {
      this.#catchingUp = false;
    });
  }

  #hasRoom(): boolean {
    return this.#socket.bufferedAmount <= this.#maxBuffered / 4;
  }

  /** Sends pages while the window takes them; what is left goes on when the socket has been emptied again. */
  async #catchUp(heldBack: Map<string, HeldBack>): Promise<void> {
    for (const [sessionId, held] of heldBack) {
      if (!this.#hasRoom()) return;
      const reply = await this.#deps.host.call('getEvents', { sessionId, fromSeq: held.nextSeq, limit: pageSize });
      const events = reply.ok ? (reply.result as { events: { seq: number }[] }).events : [];
      const now = heldBack.get(sessionId) ?? held;
      if (events.length === 0) {
        this.#sendGap(sessionId, now.nextSeq);
        heldBack.delete(sessionId);
        continue;
      }
      const nextSeq = (events.at(-1)?.seq ?? now.nextSeq) + 1;
      if (nextSeq > now.lastSeq) heldBack.delete(sessionId);
      else heldBack.set(sessionId, { ...now, nextSeq });
      for (const event of events) this.#send({ event: { type: 'session_event', sessionId, event } });
    }
    if (heldBack.size > 0) return;
    // From here on events flow again, so the snapshot below is older than none of them.
    this.#heldBack = undefined;
    const reply = await this.#deps.host.call('getSnapshot', {});
    if (reply.ok) this.#send({ event: { type: 'snapshot', snapshot: reply.result } });
  }

  #sendGap(sessionId: string, fromSeq: number): void {
    const event = streamGap({ eventId: newId('evt'), sessionId, timestamp: new Date().toISOString() }, fromSeq);
    this.#send({ event: { type: 'session_event', sessionId, event } });
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

function refused(code: 'INVALID_REQUEST' | 'RATE_LIMITED', message: string): object {
  return { ok: false, error: toErrorBody(new StewardError(code, message)) };
}
