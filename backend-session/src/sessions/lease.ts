import type { SessionHolder } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import type { Session } from './session.ts';

/** Who works on a session, and until when that is certain. */
export type SessionLease = NonNullable<Session['lease']>;

/** How long a lease holds without being renewed. A runtime renews it three times in that time. */
export const leaseMs = 90_000;

/**
 * The lease after a runtime asked for it, renewed it or gave it up. A free one, one that has expired and one whose
 * holder is proved to have ended go to whoever asks. Pure.
 * @param now milliseconds since the epoch
 * @throws LEASE_LOST while another runtime holds it; `details` say on which machine, since when and until when
 */
export function claimLease(
  lease: SessionLease | undefined,
  { instanceId, machineName, replaces, released }: SessionHolder,
  now: number,
): SessionLease | undefined {
  const isMine = lease?.instanceId === instanceId;
  if (released === true) return isMine ? undefined : lease;
  const isFree = lease === undefined || isMine || lease.instanceId === replaces || Date.parse(lease.until) <= now;
  if (!isFree) {
    throw new StewardError(
      'LEASE_LOST',
      `This conversation is open on ${lease.machineName} since ${lease.since}. Close it there first; if that machine ` +
        `does not answer any more, it is free at ${lease.until}.`,
      { details: { machineName: lease.machineName, since: lease.since, until: lease.until } },
    );
  }
  const since = isMine ? lease.since : new Date(now).toISOString();
  return { instanceId, machineName, since, until: new Date(now + leaseMs).toISOString() };
}
