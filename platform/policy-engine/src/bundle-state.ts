import type { PolicyBundle } from '@steward/contracts';

/** How far a bundle can be relied on; each state permits less than the one before. */
export type BundleState = 'active' | 'grace' | 'expired' | 'invalid' | 'absent';

const states: readonly BundleState[] = ['active', 'grace', 'expired', 'invalid', 'absent'];
const clockSkewMs = 5 * 60_000;

/** The stricter of what the caller knows and what the bundle's times say at `now` (ISO 8601). */
export function bundleStateAt(
  bundle: PolicyBundle,
  now: string | undefined,
  known: BundleState | undefined,
): BundleState {
  const given = known === undefined ? 'active' : states.includes(known) ? known : 'invalid';
  const timed = now === undefined ? 'active' : stateByTime(bundle, now);
  return states.indexOf(given) >= states.indexOf(timed) ? given : timed;
}

function stateByTime(bundle: PolicyBundle, now: string): BundleState {
  const at = Date.parse(now);
  const expires = Date.parse(bundle.expiresAt);
  const issued = Date.parse(bundle.issuedAt);
  if (Number.isNaN(at) || Number.isNaN(expires) || Number.isNaN(issued)) return 'invalid';
  if (at < issued - clockSkewMs) return 'invalid';
  if (at < expires) return 'active';
  const grace = Number.isFinite(bundle.offlineGraceSeconds) ? bundle.offlineGraceSeconds : 0;
  return at < expires + grace * 1000 ? 'grace' : 'expired';
}
