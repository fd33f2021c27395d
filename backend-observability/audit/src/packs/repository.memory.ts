import { ScopedMap } from '@steward/service-kit';
import type { TenantScope } from '@steward/service-kit';
import { dayOf } from '../events/event.ts';
import { numberOf } from './hours.ts';
import type { Hour } from './hours.ts';
import type { HourSpan, Pack, PackRepository, PackedHours } from './repository.ts';

interface Row {
  readonly tenantId: string;
  readonly hour: Hour;
  readonly pack?: Pack;
  readonly lateAt?: string;
}

/** Packs in this process only. */
export class MemoryPackRepository implements PackRepository {
  readonly #rows = new ScopedMap<Row>();

  async readHours(scope: TenantScope, { day, first, last }: HourSpan): Promise<PackedHours> {
    const rows = this.#rows.values(scope, day).filter(({ hour }) => {
      const number = numberOf(hour);
      return number >= first && number <= last;
    });
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
