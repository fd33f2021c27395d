import type { Transport } from './transport.ts';

/** Two connected transports inside one process; messages arrive in a later microtask, in order. */
export function createTransportPair(): [Transport, Transport] {
  const left = new MemoryTransport();
  const right = new MemoryTransport();
  left.connect(right);
  right.connect(left);
  return [left, right];
}

class MemoryTransport implements Transport {
  #other: MemoryTransport | undefined;
  #early: string[] = [];
  #message: ((text: string) => void) | undefined;
  #closeListeners: (() => void)[] = [];
  #closed = false;

  connect(other: MemoryTransport): void {
    this.#other = other;
  }

  send(text: string): void {
    if (!this.#closed) queueMicrotask(() => this.#other?.receive(text));
  }

  onMessage(listener: (text: string) => void): void {
    this.#message = listener;
    for (const text of this.#early.splice(0)) listener(text);
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#closeListeners.push(listener);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of this.#closeListeners) listener();
    queueMicrotask(() => this.#other?.close());
  }

  receive(text: string): void {
    if (this.#closed) return;
    if (this.#message) this.#message(text);
    else this.#early.push(text);
  }
}
