import type { ErrorBody, SessionEvent } from '@steward/contracts';
import type { HostBridge, HostCallName, HostCalls, HostSnapshot } from '@steward/desktop-host/contract';
import { createWebSocketBridge } from './web-socket-bridge.ts';

declare global {
  interface Window {
    /** Put there by the preload script of the Electron shell; absent in a browser. */
    readonly steward?: HostBridge;
  }
}

/** A call that the host refused or that was lost on the way. Carries the house's error shape. */
export class HostCallError extends Error {
  readonly body: ErrorBody;

  constructor(body: ErrorBody) {
    super(body.message);
    this.name = 'HostCallError';
    this.body = body;
  }
}

/** What the renderer hears without asking. */
export interface HostListener {
  readonly onSnapshot: (snapshot: HostSnapshot) => void;
  readonly onSessionEvent: (sessionId: string, event: SessionEvent) => void;
  readonly onConnection: (state: 'up' | 'down') => void;
}

/** The renderer's only way to the host. */
export interface HostClient {
  /** Resolves with the result; rejects with {@link HostCallError}. */
  call<K extends HostCallName>(name: K, params: HostCalls[K]['params']): Promise<HostCalls[K]['result']>;
  /** Listens until the returned function is called. */
  listen(listener: HostListener): () => void;
}

/** A client over any bridge. */
export function createHostClient(bridge: HostBridge): HostClient {
  return {
    call: async (name, params) => {
      const reply = await bridge.invoke(name, params);
      if (reply.ok) return reply.result;
      throw new HostCallError(reply.error);
    },
    listen: (listener) => {
      const stopEvents = bridge.subscribe((event) => {
        if (event.type === 'snapshot') listener.onSnapshot(event.snapshot);
        else if (event.type === 'session_event') listener.onSessionEvent(event.sessionId, event.event);
      });
      const stopConnection = bridge.onConnection(listener.onConnection);
      return () => {
        stopEvents();
        stopConnection();
      };
    },
  };
}

/** The bridge of the shell that shows this page: the preload's, or the web shell's socket. */
export function shellBridge(): HostBridge {
  return window.steward ?? createWebSocketBridge();
}

/** The error shape of anything that was thrown. */
export function errorBodyOf(error: unknown): ErrorBody {
  if (error instanceof HostCallError) return error.body;
  return {
    code: 'INTERNAL_ERROR',
    message: error instanceof Error ? error.message : String(error),
    retryable: true,
    details: {},
  };
}
