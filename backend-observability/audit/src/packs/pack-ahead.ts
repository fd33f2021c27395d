import type { Clock } from '@steward/sdk';
import type { TenantScope } from '@steward/service-kit';
import { decisionsBack } from './decisions-back.ts';
import type { DecisionsBackDeps } from './decisions-back.ts';
import { endOf, hourOf, rangeOf } from './hours.ts';
import type { Hour } from './hours.ts';

/** How long after its beginning an hour is packed ahead: it is over and nothing but late events is to come. */
const behindMs = 2 * 60 * 60 * 1000;
/** How far back is looked when a tenant is met for the first time in this process. */
const firstMs = 24 * 60 * 60 * 1000;
const mostTenants = 10_000;

/**
 * Packs the hours of tenants that store events, soon after they are over and one after the other, so that the first
 * simulation finds them packed. What it does not come to is packed when it is read.
 */
export class PackAhead {
  readonly #deps: DecisionsBackDeps & { readonly clock: Clock };
  readonly #done = new Map<string, Hour>();
  #work: Promise<void> = Promise.resolve();

  constructor(deps: DecisionsBackDeps & { readonly clock: Clock }) {
    this.#deps = deps;
  }

  /** To be told that the tenant stored something; answers at once. */
  notice(scope: TenantScope): void {
    const now = this.#deps.clock.now().getTime();
    const due = hourOf(new Date(now - behindMs).toISOString());
    const done = this.#done.get(scope.tenantId) ?? hourOf(new Date(now - firstMs).toISOString());
    if (done >= due) return;
    if (this.#done.size >= mostTenants) this.#done.clear();
    this.#done.set(scope.tenantId, due);
    this.#work = this.#work.then(() => this.#pack(scope, done, due));
  }

  /** Resolves when everything is packed that was noticed so far. */
  settled(): Promise<void> {
    return this.#work;
  }

  async #pack(scope: TenantScope, done: Hour, due: Hour): Promise<void> {
    try {
      const range = { from: new Date(endOf(done)).toISOString(), to: rangeOf(due).to };
      // Reading packs it.
      for await (const _ of decisionsBack(this.#deps, scope, range, undefined));
    } catch {
      // Whoever reads the hour packs it.
    }
  }
}
