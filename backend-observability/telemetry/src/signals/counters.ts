const maxNames = 1000;

/** Counts per tenant and name since the start; names beyond 1,000 per tenant are counted together as `other`. */
export class SignalCounters {
  readonly #byTenant = new Map<string, Map<string, number>>();

  add(tenantId: string, names: readonly string[]): void {
    const counts = this.#byTenant.get(tenantId) ?? new Map<string, number>();
    this.#byTenant.set(tenantId, counts);
    for (const name of names) {
      const key = counts.has(name) || counts.size < maxNames ? name : 'other';
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }

  of(tenantId: string): Record<string, number> {
    return Object.fromEntries(this.#byTenant.get(tenantId) ?? []);
  }
}
