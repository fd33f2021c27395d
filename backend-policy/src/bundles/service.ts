import type { PolicyBundle } from '@steward/contracts';
import type { Clock } from '@steward/sdk';
import type { SigningKeys, TenantScope } from '@steward/service-kit';
import type { ActivePolicy, PolicyAdministration } from '../policies/service.ts';

/** For whom a bundle is. */
export interface BundleSubject {
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string;
}

/** What the service is made of. */
export interface BundleServiceDeps {
  readonly policies: PolicyAdministration;
  readonly keys: SigningKeys;
  readonly clock: Clock;
  readonly lifetimeSeconds: number;
}

/** Issues signed, short-lived bundles from the policy in force. */
export class BundleService {
  readonly #deps: BundleServiceDeps;

  constructor(deps: BundleServiceDeps) {
    this.#deps = deps;
  }

  /** The bundle as data, not signed. */
  async build(scope: TenantScope, subject: Omit<BundleSubject, 'tenantId'>): Promise<PolicyBundle> {
    const active = await this.#deps.policies.active(scope);
    return bundleOf(
      active,
      { tenantId: scope.tenantId, ...subject },
      this.#deps.clock.now(),
      this.#deps.lifetimeSeconds,
    );
  }

  /** A signed bundle for a session of the scope's tenant. @throws PERMISSION_DENIED when session or person are revoked */
  async issue(
    scope: TenantScope,
    subject: Omit<BundleSubject, 'tenantId'>,
  ): Promise<{ policyBundle: string; policyBundleVersion: number; expiresAt: string }> {
    // At the same time, since each waits for the store; what is revoked is the first to be told.
    const [revoked, built] = await Promise.allSettled([
      this.#deps.policies.revoking.assertNotRevoked(scope, subject),
      this.build(scope, subject),
    ]);
    if (revoked.status === 'rejected') throw revoked.reason;
    if (built.status === 'rejected') throw built.reason;
    const bundle = built.value;
    return {
      policyBundle: await this.#deps.keys.sign(bundle, 'steward-policy+jws'),
      policyBundleVersion: bundle.policyBundleVersion,
      expiresAt: bundle.expiresAt,
    };
  }
}

/** The bundle that an active policy means for one session. */
export function bundleOf(
  active: ActivePolicy,
  subject: BundleSubject,
  issuedAt: Date,
  lifetimeSeconds: number,
): PolicyBundle {
  const { content, state } = active;
  return {
    policyBundleVersion: state.bundleVersion,
    schemaVersion: 1,
    ...subject,
    issuedAt: issuedAt.toISOString(),
    expiresAt: new Date(issuedAt.getTime() + lifetimeSeconds * 1000).toISOString(),
    policyName: content.name,
    zone: content.zone,
    capabilities: content.capabilities,
    llmPolicy: content.llmPolicy,
    approvalRules: content.approvalRules,
    redactionRules: content.redactionRules,
    mcpServers: content.mcpServers,
    killSwitch: state.killSwitch.active,
    offlineGraceSeconds: content.offlineGraceSeconds,
    revocationSeq: state.lastRevocation ?? 0,
  };
}
