import type { Stores } from '../matrix/stores.ts';

/** Stores as a process reaches them that can die over the work for one tenant while it goes on for others. */
export interface MortalStores {
  readonly stores: Stores;
  /** From now on: after this many writes for the tenant the process is dead for it. */
  killAfter(tenant: string, writes: number): void;
  /** True once an answer to a keyed request of the tenant was kept. */
  wasKept(tenant: string): boolean;
}

const reads = /^(get|find|list|head|state|record|query|check|ping|count|stream|events|open)/;

/**
 * Dead means: the last write takes effect, but neither it nor any later call of a store comes to an answer that anybody
 * in the process could use.
 */
export function mortal(stores: Stores): MortalStores {
  const left = new Map<string, number>();
  const kept = new Set<string>();
  const wrap = (name: string, store: object): object =>
    new Proxy(store, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== 'function' || typeof property !== 'string') return value;
        return (...args: unknown[]) => {
          const [scope] = args;
          const tenant = (scope as { readonly tenantId?: string } | undefined)?.tenantId ?? '';
          if ((left.get(tenant) ?? 1) <= 0) return Promise.reject(new Error('The process was killed.'));
          const result: unknown = value.apply(target, args);
          const isWrite = (name === 'incidents' && property === 'open') || !reads.test(property);
          if (!(result instanceof Promise) || !isWrite || !left.has(tenant)) return result;
          const now = left.get(tenant)! - 1;
          left.set(tenant, now);
          return result.then((answer: unknown) => {
            if (now <= 0) throw new Error('The process was killed.');
            if (name === 'idempotency' && property === 'finish') kept.add(tenant);
            return answer;
          });
        };
      },
    });
  const wrapped = Object.entries(stores).map(([name, store]) => [
    name,
    typeof store === 'function' ? store : wrap(name, store as object),
  ]);
  return {
    stores: Object.fromEntries(wrapped) as Stores,
    killAfter: (tenant, writes) => void left.set(tenant, writes),
    wasKept: (tenant) => kept.has(tenant),
  };
}
