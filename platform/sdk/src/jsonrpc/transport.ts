/** Something that a transport could not deliver as a message; the connection lives on. */
export interface TransportFault {
  readonly kind: 'frame_too_large';
  readonly limitBytes: number;
}

/** Carries whole JSON-RPC messages as text in both directions. Owned by the peer that uses it. */
export interface Transport {
  /** Sends one message, in order. Never throws; a message sent after the close is dropped. */
  send(text: string): void;
  /** Registers the one receiver of messages; messages that arrived earlier are kept for it. */
  onMessage(listener: (text: string) => void): void;
  /** Called once when the other side is gone or `close` was called; at once when that already happened. */
  onClose(listener: (cause?: Error) => void): void;
  onFault?(listener: (fault: TransportFault) => void): void;
  close(): void;
  /** Bytes accepted by `send` and not yet taken by the other side; grows while the reader is slow. */
  readonly bufferedBytes?: number;
  /** Calls once when the buffer has run empty; at once when it is empty now. */
  onDrained?(listener: () => void): void;
}
