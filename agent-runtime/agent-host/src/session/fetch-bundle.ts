import type { ClientInfo, PolicyBundle, SessionHandshake, SessionHolder } from '@steward/contracts';
import { ServiceUnreachableError, StewardError } from '@steward/sdk';
import { PolicyHolder } from './policy-holder.ts';
import type { HostDeps } from './session-deps.ts';
import type { SessionStore } from './session-store.ts';

/** A bundle whose signature and session were checked, and the text that says so. */
export interface FetchedBundle {
  readonly jws: string;
  readonly bundle: PolicyBundle;
}

/**
 * Asks the Session Service to let this runtime go on with a session, and for the policy that it goes on under.
 * @param lastSeq the last event that this runtime knows
 * @throws CONFLICT with the versions to install for an incompatible client, LEASE_LOST while another runtime works on it,
 * ServiceUnreachableError, and what the verifier refuses
 */
export async function fetchBundle(
  { backend, newId, verifier }: Pick<HostDeps, 'backend' | 'newId' | 'verifier'>,
  sessionId: string,
  { lastSeq, clientInfo }: { readonly lastSeq: number; readonly clientInfo: ClientInfo | undefined },
  holder: SessionHolder,
): Promise<FetchedBundle> {
  const handshake = await backend.resumeSession(
    sessionId,
    { checkpointCursor: String(lastSeq), ...(clientInfo === undefined ? {} : { clientInfo }), holder },
    newId('req'),
  );
  refuseIncompatible(handshake);
  return { jws: handshake.policyBundle, bundle: await verifier.verify(handshake.policyBundle, { sessionId }) };
}

/**
 * The fresh bundle; the kept one, with a warning, while the services can't be reached and its grace lasts.
 * @throws what the request for the fresh one failed with, where the kept one does not stand in for it
 */
export async function freshOrKept(
  { clock, verifier }: Pick<HostDeps, 'clock' | 'verifier'>,
  { sessionId, state }: SessionStore,
  fresh: Promise<FetchedBundle>,
): Promise<FetchedBundle & { warnings: string[] }> {
  try {
    return { ...(await fresh), warnings: [] };
  } catch (error) {
    if (!(error instanceof ServiceUnreachableError)) throw error;
    const jws = state.bundleJws;
    const bundle = await verifier.verify(jws, { sessionId, allowExpired: true });
    const holder = new PolicyHolder(clock, bundle);
    if (holder.state !== 'active' && holder.state !== 'grace') throw error;
    const until =
      holder.state === 'grace'
        ? 'Its policy has expired, so only reading is allowed until they answer again.'
        : `Its policy is valid until ${bundle.expiresAt}.`;
    return {
      jws,
      bundle,
      warnings: [`The services can't be reached. The conversation goes on with what is known. ${until}`],
    };
  }
}

/** Throws CONFLICT with the versions to install when the services do not work with this one any more. */
export function refuseIncompatible({ compatibilityStatus, incompatibilities }: SessionHandshake): void {
  if (compatibilityStatus === 'compatible') return;
  const install = incompatibilities.map(({ component, install: version }) => `${component} ${version}`).join(', ');
  throw new StewardError('CONFLICT', `This version is not supported any more. Install ${install}.`, {
    details: { incompatibilities },
  });
}
