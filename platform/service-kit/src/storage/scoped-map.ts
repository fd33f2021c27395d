import { assertOwnTenant, tenantKey } from './tenant-scope.ts';
import type { TenantScope } from './tenant-scope.ts';

/**
 * A map whose keys begin with the tenant, for stores in memory: a read with another tenant's scope is a read of another
 * key. Clones on the way in and out, as a real store does.
 */
export class ScopedMap<T extends { readonly tenantId: string }> {
  readonly #entries = new Map<string, T>();

  get(scope: TenantScope, ...id: readonly string[]): T | undefined {
    const found = this.#entries.get(tenantKey(scope, ...id));
    if (found === undefined) return undefined;
    assertOwnTenant(scope, found);
    return structuredClone(found);
  }

  /** Throws when the row belongs to another tenant. */
  set(scope: TenantScope, row: T, ...id: readonly string[]): void {
    assertOwnTenant(scope, row);
    this.#entries.set(tenantKey(scope, ...id), structuredClone(row));
  }

  delete(scope: TenantScope, ...id: readonly string[]): void {
    this.#entries.delete(tenantKey(scope, ...id));
  }

  /** Rows of the tenant whose key begins with the parts, in the order of first insertion. */
  values(scope: TenantScope, ...id: readonly string[]): T[] {
    const prefix = `${tenantKey(scope, ...id)}#`;
    const found: T[] = [];
    for (const [key, row] of this.#entries) if (key.startsWith(prefix)) found.push(structuredClone(row));
    for (const row of found) assertOwnTenant(scope, row);
    return found;
  }

  /** Every row of every tenant, for the jobs that hold a `SystemScope`. */
  allTenants(): T[] {
    return structuredClone([...this.#entries.values()]);
  }
}
