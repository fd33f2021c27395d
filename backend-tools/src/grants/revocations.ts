import type { PolicyBundle, Revocation } from '@steward/contracts';
import { readRevocation } from '@steward/policy-engine';
import type { PolicyPaths } from '@steward/sdk';
import { StewardError, createServiceClient } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import type { TokenSource } from '@steward/service-kit';

/** One page of a tenant's revocations, from a number on. */
export type ListRevocations = (
  tenantId: string,
  fromSeq: number,
) => Promise<{ readonly items: readonly Revocation[]; readonly lastSeq: number }>;

/** Says whether a bundle was taken back after it was signed, or throws why it counts no longer. */
export type RevocationCheck = (bundle: PolicyBundle, kid: string | undefined) => Promise<void>;

/** What the check runs on. */
interface RevocationDeps {
  readonly list: ListRevocations;
  readonly clock: Clock;
}

/** Age from which the entries are read again before a call is judged. */
const freshMs = 1_000;
/** How long the last entries count while the Policy Service does not answer. */
const usableMs = 30_000;
const maxEntries = 10_000;
const maxTenants = 1_000;

interface Known {
  readonly fromSeq: number;
  readonly entries: Revocation[];
  nextSeq: number;
  readAtMs: number;
  reading?: Promise<void>;
}

/**
 * Checks bundles against the revocations of their tenant since they were signed. The entries are at most a second old;
 * while they can't be read they count for half a minute, after that every call is refused with SERVICE_UNAVAILABLE.
 */
export function createRevocationCheck({ list, clock }: RevocationDeps): RevocationCheck {
  const tenants = new Map<string, Known>();
  const knownOf = (tenantId: string, fromSeq: number): Known => {
    const known = tenants.get(tenantId);
    if (known !== undefined && known.fromSeq <= fromSeq && known.entries.length < maxEntries) return known;
    const fresh: Known = { fromSeq, entries: [], nextSeq: fromSeq, readAtMs: -Infinity };
    tenants.delete(tenantId);
    tenants.set(tenantId, fresh);
    if (tenants.size > maxTenants) tenants.delete(tenants.keys().next().value!);
    return fresh;
  };
  const read = async (tenantId: string, known: Known): Promise<void> => {
    const startedMs = clock.monotonicMs();
    for (;;) {
      const { items, lastSeq } = await list(tenantId, known.nextSeq);
      for (const item of items) {
        known.entries.push(item);
        known.nextSeq = Math.max(known.nextSeq, item.seq + 1);
      }
      if (items.length === 0 || known.nextSeq > lastSeq) break;
      // What was not read may be the entry that takes this bundle back.
      if (known.entries.length >= maxEntries) throw new Error('More revocations than can be held.');
    }
    known.readAtMs = startedMs;
  };
  return async (bundle, kid) => {
    const known = knownOf(bundle.tenantId, (bundle.revocationSeq ?? 0) + 1);
    if (clock.monotonicMs() - known.readAtMs >= freshMs) {
      known.reading ??= read(bundle.tenantId, known).finally(() => delete known.reading);
      await known.reading.catch((cause: unknown) => {
        if (clock.monotonicMs() - known.readAtMs < usableMs) return;
        throw new StewardError(
          'SERVICE_UNAVAILABLE',
          'The Policy Service does not say which policies were revoked; try again in a moment.',
          { cause, details: { retryAfterSeconds: 2 } },
        );
      });
    }
    const refusal = revocationOf(bundle, kid, known.entries);
    if (refusal !== undefined) throw refusal;
  };
}

/** Why a bundle counts no longer by these entries; undefined when it does. Pure. */
export function revocationOf(
  bundle: PolicyBundle,
  kid: string | undefined,
  entries: readonly Revocation[],
): StewardError | undefined {
  const { policyBundleVersion, sessionId, userId, revocationSeq = 0 } = bundle;
  let userRefusal: StewardError | undefined;
  let killed = bundle.killSwitch;
  for (const entry of entries) {
    if (entry.seq <= revocationSeq) continue;
    const { effect, concerns } = readRevocation(entry, { policyBundleVersion, sessionId, userId, kid });
    if (!concerns) continue;
    switch (effect) {
      case 'stop_actions':
        killed = true;
        break;
      case 'allow_actions':
        killed = false;
        break;
      case 'refuse_versions':
        return refusal('POLICY_EXPIRED', 'this version of the policy was revoked; resume the session', entry);
      case 'refuse_key':
        return refusal(
          'POLICY_BUNDLE_INVALID',
          'the key that signed the policy was revoked; resume the session',
          entry,
        );
      case 'refuse_session':
        return refusal('PERMISSION_DENIED', 'an admin has revoked this conversation', entry);
      case 'refuse_person':
        userRefusal = refusal('PERMISSION_DENIED', 'an admin has disabled your access', entry);
        break;
      case 'admit_person':
        userRefusal = undefined;
        break;
      default:
        // Another policy became active or a key came: what was signed before stays good until it ends.
        break;
    }
  }
  if (userRefusal !== undefined) return userRefusal;
  if (!killed) return undefined;
  return new StewardError('KILL_SWITCH_ACTIVE', 'An admin has stopped external actions; nothing was run.', {
    details: { reasonCodes: ['KILL_SWITCH_ACTIVE'] },
  });
}

function refusal(
  code: 'POLICY_EXPIRED' | 'POLICY_BUNDLE_INVALID' | 'PERMISSION_DENIED',
  sentence: string,
  { kind }: Revocation,
): StewardError {
  return new StewardError(code, `Nothing was run: ${sentence}.`, { details: { reasonCodes: [kind] } });
}

/** The revocations as the Policy Service lists them to this service. */
export function policyRevocations(baseUrl: string, getToken: TokenSource): ListRevocations {
  const client = createServiceClient<PolicyPaths>(baseUrl, { getToken, timeoutMs: 5_000 });
  return async (tenantId, fromSeq) => {
    const { data } = await client.GET('/revocation-list', {
      params: { query: { from_seq: fromSeq, limit: 200 } },
      headers: { 'x-acting-tenant': tenantId },
    });
    return data!;
  };
}
