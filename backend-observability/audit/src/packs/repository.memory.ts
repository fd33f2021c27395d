import { ScopedMap } from '@steward/service-kit';
import type { TenantScope } from '@steward/service-kit';
import { dayOf } from '../events/event.ts';
import type { Hour } from './hours.ts';
import type { Pack, PackRepository, PackedDay } from './repository.ts';

interface Row {
  readonly tenantId: string;
  readonly hour: Hour;
  readonly pack?: Pack;
  readonly lateAt?: string;
}

/** Packs in this process only. */
export class MemoryPackRepository implements PackRepository {
  readonly #rows = new ScopedMap<Row>();

  async readDay(scope: TenantScope, day: string): Promise<PackedDay> {
    const rows = this.#rows.values(scope, day);
    return {
      packs: new Map(rows.flatMap(({ hour, pack }) => (pack === undefined ? [] : [[hour, pack]]))),
      lateAt: new Map(rows.flatMap(({ hour, lateAt }) => (lateAt === undefined ? [] : [[hour, lateAt]]))),
    };
  }

  async put(scope: TenantScope, pack: Pack): Promise<void> {
    const { tenantId } = scope;
    this.#rows.set(scope, { tenantId, hour: pack.hour, pack }, dayOf(pack.hour), pack.hour, 'pack');
  }

  async markLate(scope: TenantScope, hour: Hour, at: string): Promise<void> {
    this.#rows.set(scope, { tenantId: scope.tenantId, hour, lateAt: at }, dayOf(hour), hour, 'late');
  }
}
