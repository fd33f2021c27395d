import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SessionLock } from '../journal/session-lock.ts';
import type { PolicyBundle } from '@steward/contracts';
import { createRedactor } from '../model/redactor.ts';
import { Outbox } from '../outbox/outbox.ts';
import { uploadHistory } from './history.ts';
import type { HostDeps } from './session-deps.ts';
import { sessionPaths } from './session-paths.ts';
import { SessionStore } from './session-store.ts';

const drainMs = 60_000;

/**
 * Sends what sessions that have ended could not send before their runtime stopped, then removes their journals.
 * Sessions that can still be resumed, that another runtime holds, or that belong to someone else are left alone.
 * Never rejects.
 */
export async function sendLeftovers(host: HostDeps, owner: PolicyBundle): Promise<void> {
  let names: string[];
  try {
    names = readdirSync(join(host.settings.home, 'sessions'));
  } catch {
    return;
  }
  for (const sessionId of names) {
    if (sessionId === owner.sessionId) continue;
    try {
      await sendLeftover(host, owner, sessionId);
    } catch (error) {
      host.log('warn', 'An ended conversation could not be looked through.', { sessionId, reason: String(error) });
    }
  }
}

async function sendLeftover(host: HostDeps, owner: PolicyBundle, sessionId: string): Promise<void> {
  const paths = sessionPaths(host.settings.home, sessionId);
  if (!existsSync(paths.ended) || SessionLock.isHeld(paths.lock)) return;
  const lock = SessionLock.acquire(paths.lock, host.newId('req'));
  const { store } = await SessionStore.open(paths.journal, sessionId, host);
  const mine = await belongsTo(host, store, owner);
  let sent = false;
  // Marked, but its end was never written: it can still be resumed.
  if (mine && store.state.ended) {
    const redact = createRedactor(owner.redactionRules, host.settings.secrets);
    const outbox = new Outbox({
      ...host,
      store,
      redact,
      identity: () => ({ tenantId: owner.tenantId, userId: owner.userId }),
      uploadHistory: (taskId) => uploadHistory(host, store, taskId, paths.historyScratch),
    });
    sent = await outbox.drain(drainMs);
    outbox.dispose();
  }
  await store.close();
  if (sent) rmSync(paths.folder, { recursive: true, force: true });
  else lock.release();
}

async function belongsTo(host: HostDeps, store: SessionStore, owner: PolicyBundle): Promise<boolean> {
  const { tenantId, userId } = await host.verifier.verify(store.state.bundleJws, {
    sessionId: store.sessionId,
    allowExpired: true,
    allowOlder: true,
  });
  return tenantId === owner.tenantId && userId === owner.userId;
}
