import { compactVerify, createRemoteJWKSet } from 'jose';
import type { CompactVerifyGetKey } from 'jose';
import type { Decision, Grant, PolicyBundle } from '@steward/contracts';
import { decideUnderGrant, openGrant } from '@steward/policy-engine';
import { StewardError, assertValid, validatePolicyBundle } from '@steward/sdk';
import type { Caller } from '@steward/service-kit';
import type { RevocationCheck } from './revocations.ts';

/** Says whether a caller's session grants a call, or throws why not. */
export type GrantCheck = (caller: Caller, call: GrantedCall, now: Date) => Promise<void>;

/** One call and the signed bundle it relies on. */
interface GrantedCall {
  readonly toolName: string;
  readonly arguments: Record<string, unknown>;
  /** Compact JWS of the session's policy bundle, or the same with a chain that narrows it: `JWS~chain`. */
  readonly grant: string | undefined;
}

const bundleType = 'steward-policy+jws';

/** How long keys that were fetched count: a revoked key is refused after that at the latest. */
const keysCountMs = 30_000;

/**
 * Judges calls by the session's own signed bundle and the chain of the grant made of it: right signature, right person,
 * in force and not revoked, no link changed or taken away, and the tool granted as `backend/{toolName}` under every
 * link. What needs an approval passes, since the runtime's gate has asked before it called. Services have no session
 * and need no grant.
 */
export function createGrantCheck(keys: CompactVerifyGetKey, assertNotRevoked: RevocationCheck): GrantCheck {
  return async (caller, call, now) => {
    if (caller.isService) return;
    if (call.grant === undefined) {
      throw denied('CAPABILITY_DENIED', call.toolName, 'send the policyBundle of the session as grant', [
        'grant_missing',
      ]);
    }
    const [jws = '', chain] = call.grant.split('~', 2);
    const { bundle, kid } = await verify(jws, keys);
    if (bundle.tenantId !== caller.tenantId || bundle.userId !== caller.userId) {
      throw denied('CAPABILITY_DENIED', call.toolName, 'the grant belongs to somebody else', [
        'grant_of_another_caller',
      ]);
    }
    const grant = chain === undefined ? { links: [] } : openChain(chain, jws, bundle);
    await assertNotRevoked(bundle, kid);
    assertGranted(
      decideUnderGrant(
        bundle,
        grant,
        { toolName: `backend/${call.toolName}`, arguments: call.arguments },
        {},
        { now: now.toISOString() },
      ),
      call.toolName,
    );
  };
}

/** Keys of the Policy Service; fetched on first use and cached. */
export function policyKeysAt(policyServiceUrl: string): CompactVerifyGetKey {
  return createRemoteJWKSet(new URL(`${policyServiceUrl}/.well-known/jwks.json`), {
    cooldownDuration: 30_000,
    cacheMaxAge: keysCountMs,
    timeoutDuration: 5000,
  });
}

/** The links of a chain that begins at this bundle; a chain that was tampered with is no grant at all. */
function openChain(chain: string, jws: string, bundle: PolicyBundle): Grant {
  const opened = openGrant(chain, jws);
  if (opened === undefined || opened.sessionId !== bundle.sessionId)
    throw new StewardError(
      'POLICY_BUNDLE_INVALID',
      'The chain of the grant does not belong to this policy bundle, or a link of it was changed; ask the session for a new grant.',
    );
  return opened;
}

async function verify(
  grant: string,
  keys: CompactVerifyGetKey,
): Promise<{ readonly bundle: PolicyBundle; readonly kid: string | undefined }> {
  try {
    const { payload, protectedHeader } = await compactVerify(grant, keys, { algorithms: ['EdDSA'] });
    if (protectedHeader.typ !== bundleType) throw new Error('The signature is of another kind.');
    const content: unknown = JSON.parse(new TextDecoder().decode(payload));
    return { bundle: assertValid<PolicyBundle>(validatePolicyBundle, content, 'The grant'), kid: protectedHeader.kid };
  } catch (cause) {
    if (isKeyFetchFailure(cause)) {
      throw new StewardError(
        'INTERNAL_ERROR',
        'The keys of the Policy Service could not be fetched; try again in a moment.',
        { cause },
      );
    }
    throw new StewardError(
      'POLICY_BUNDLE_INVALID',
      'The grant is not a policy bundle that the Policy Service signed; resume the session.',
      { cause },
    );
  }
}

function isKeyFetchFailure(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return (
    code === 'ERR_JWKS_TIMEOUT' ||
    code === 'ERR_JOSE_GENERIC' ||
    code === 'ERR_JWKS_INVALID' ||
    (error instanceof TypeError && error.message === 'fetch failed')
  );
}

function assertGranted(decision: Decision, toolName: string): void {
  if (decision.decision !== 'deny') return;
  const { reasonCodes } = decision;
  const sentence = decision.explanation ?? 'the policy does not grant it';
  if (reasonCodes.includes('POLICY_EXPIRED'))
    throw denied('POLICY_EXPIRED', toolName, 'the policy has expired; resume the session', reasonCodes);
  if (reasonCodes.includes('KILL_SWITCH_ACTIVE'))
    throw denied('KILL_SWITCH_ACTIVE', toolName, 'an admin has stopped external actions', reasonCodes);
  throw denied('CAPABILITY_DENIED', toolName, sentence, reasonCodes);
}

function denied(
  code: 'CAPABILITY_DENIED' | 'POLICY_EXPIRED' | 'KILL_SWITCH_ACTIVE',
  toolName: string,
  sentence: string,
  reasonCodes: readonly string[],
): StewardError {
  return new StewardError(code, `backend/${toolName} was not run: ${sentence}.`, {
    details: { reasonCodes: [...reasonCodes] },
  });
}
