import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { SessionHolder } from '@steward/contracts';
import { writeDurably } from '../journal/durable-json.ts';

interface KeptHolder {
  readonly instanceId: string;
  readonly machineName: string;
  readonly folder: string;
}

/**
 * The holder that this runtime becomes: the earlier one again where that is proved to have ended, as this process has
 * the lock on the journal, and the earlier holder worked on the same machine in the same folder; else a new one. A
 * copied folder proves nothing. A new holder is on the disk when this returns, so that no service knows one that this
 * machine forgets when its power goes; and as it stays the same over every death, there is no instant at which the
 * service knows another one than the folder. Never throws; without a file there is no proof.
 * @param file where the holder is kept, in the session's own folder
 */
export function takeOver(file: string, { instanceId, machineName }: SessionHolder): SessionHolder {
  let folder = '';
  let before: Partial<KeptHolder> | undefined;
  try {
    folder = realpathSync(dirname(file));
    before = JSON.parse(readFileSync(file, 'utf8')) as Partial<KeptHolder>;
  } catch {
    before = undefined;
  }
  const isProved = before?.machineName === machineName && before.folder === folder;
  if (isProved && typeof before?.instanceId === 'string') return { instanceId: before.instanceId, machineName };
  try {
    writeDurably(file, { instanceId, machineName, folder } satisfies KeptHolder);
  } catch {
    // The next runtime waits until the lease has run out.
  }
  return { instanceId, machineName };
}

/** This machine as the holder of a session. */
export function holderHere(instanceId: string): SessionHolder {
  return { instanceId, machineName: machineName() };
}

/** The holder of a new session: the same for every repetition of a call, so that the requests are the same as well. */
export function creatingHolder(idempotencyKey: string | undefined, fresh: string): SessionHolder {
  const instanceId =
    idempotencyKey === undefined
      ? fresh
      : `by-${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}`;
  return holderHere(instanceId);
}

function machineName(): string {
  return hostname().slice(0, 100) || 'another machine';
}
