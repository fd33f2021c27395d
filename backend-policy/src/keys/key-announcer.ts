import type { SystemScope, createLogger } from '@steward/service-kit';
import type { PolicyRepository } from '../policies/repository.ts';
import type { PolicyRevoking } from '../policies/revoking.ts';
import type { KeyRing } from './key-ring.ts';

/** What the announcer needs. */
export interface KeyAnnouncerDeps {
  readonly ring: Pick<KeyRing, 'refresh' | 'list'>;
  readonly policies: Pick<PolicyRevoking, 'announceKey'>;
  readonly repository: Pick<PolicyRepository, 'tenants'>;
  readonly jobs: SystemScope;
  readonly logger: Pick<ReturnType<typeof createLogger>, 'warn'>;
}

/** Tells every tenant's revocation stream of keys that an operator rotated or revoked, each once. */
export class KeyAnnouncer {
  readonly #deps: KeyAnnouncerDeps;
  #announced = '';
  #running: Promise<void> | undefined;

  constructor(deps: KeyAnnouncerDeps) {
    this.#deps = deps;
  }

  /** Looks at the keys and announces what changed; what failed is done by the next look. Never rejects. */
  look(): Promise<void> {
    this.#running ??= this.#look().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #look(): Promise<void> {
    const { ring, policies, repository, jobs, logger } = this.#deps;
    try {
      await ring.refresh();
      const seen = JSON.stringify(ring.list());
      if (seen === this.#announced) return;
      const news = ring.list().filter(({ state, reason }) => state === 'revoked' || (state === 'current' && reason));
      if (news.length > 0) {
        for await (const tenantId of repository.tenants(jobs)) {
          const scope = jobs.forTenant(tenantId);
          for (const { kid, state, reason } of news)
            await policies.announceKey(scope, kid, state === 'revoked' ? 'key_revoked' : 'key_rotated', reason ?? '');
        }
      }
      this.#announced = seen;
    } catch (error) {
      logger.warn({ err: error }, 'changed signing keys could not be announced to every tenant yet');
    }
  }
}
