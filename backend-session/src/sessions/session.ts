import type { SessionStatus } from '@steward/contracts';
import type { SessionComponents } from '@steward/sdk';

/** A session as clients see it. */
export type Session = SessionComponents['schemas']['Session'];

/** A session as it is stored: `revision` grows with every change and guards against lost updates. */
export type StoredSession = Session & { readonly revision: number };

const terminal: ReadonlySet<SessionStatus> = new Set(['SESSION_COMPLETED', 'SESSION_FAILED', 'SESSION_CANCELLED']);

/** True for a state that a session never leaves. */
export function isTerminal(status: SessionStatus): boolean {
  return terminal.has(status);
}

/** The part of a stored session that leaves the service. */
export function toWire(session: StoredSession): Session {
  const { revision: _revision, ...wire } = session;
  return wire;
}
