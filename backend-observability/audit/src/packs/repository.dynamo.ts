import { scopedTable } from '@steward/service-kit';
import type { DynamoDeps, ScopedTable, TenantScope } from '@steward/service-kit';
import { dayOf } from '../events/event.ts';
import { numberOf } from './hours.ts';
import type { Hour } from './hours.ts';
import { packedPartition } from './repository.ts';
import type { HourSpan, Pack, PackRepository, PackedHours } from './repository.ts';

/** Sort keys of one hour: the mark of lateness, then the parts of its pack. */
const placesPerHour = 1000;

interface PartRow {
  readonly hour: Hour;
  readonly readAt: string;
  readonly part: number;
  readonly parts: number;
  readonly text: Uint8Array;
}

/**
 * Packs in the table of the events, `{env}-audit-events`, a partition for each tenant and day. Rows are put where the
 * hour's earlier ones lay, so that this needs no more rights than events do.
 */
export class DynamoPackRepository implements PackRepository {
  readonly #deps: DynamoDeps;

  constructor(deps: DynamoDeps) {
    this.#deps = deps;
  }

  async readHours(scope: TenantScope, { day, first, last }: HourSpan): Promise<PackedHours> {
    const lateAt = new Map<Hour, string>();
    const found = new Map<Hour, PartRow[]>();
    const query = {
      id: [packedPartition, day],
      and: 'seq BETWEEN :from AND :to',
      values: { ':from': first * placesPerHour, ':to': (last + 1) * placesPerHour - 1 },
    };
    for await (const item of this.#table(scope).query(query)) {
      const { hour, lateAt: late } = item as { hour: Hour; lateAt?: string };
      if (late !== undefined) lateAt.set(hour, late);
      else found.set(hour, [...(found.get(hour) ?? []), item as unknown as PartRow]);
    }
    const packs = new Map<Hour, Pack>();
    for (const [hour, rows] of found) {
      const pack = packOf(hour, rows);
      if (pack !== undefined) packs.set(hour, pack);
    }
    return { packs, lateAt };
  }

  async put(scope: TenantScope, { hour, readAt, parts }: Pack): Promise<void> {
    if (parts.length >= placesPerHour) throw new Error(`The pack of ${hour} has too many parts.`);
    // A reader takes parts of one reading only, so that it never sees half of two.
    for (const [part, text] of parts.entries())
      await this.#put(scope, hour, part + 1, { readAt, part, parts: parts.length, text });
  }

  async markLate(scope: TenantScope, hour: Hour, at: string): Promise<void> {
    await this.#put(scope, hour, 0, { lateAt: at });
  }

  async #put(scope: TenantScope, hour: Hour, place: number, facts: object): Promise<void> {
    const seq = numberOf(hour) * placesPerHour + place;
    const table = this.#table(scope);
    await table.run(table.put({ tenantId: scope.tenantId, seq, hour, ...facts }, [packedPartition, dayOf(hour)]));
  }

  #table(scope: TenantScope): ScopedTable {
    return scopedTable(this.#deps, 'audit-events', scope);
  }
}

/** The whole of one reading, or nothing. */
function packOf(hour: Hour, rows: readonly PartRow[]): Pack | undefined {
  const first = rows.find(({ part }) => part === 0);
  if (first === undefined) return undefined;
  const { readAt, parts } = first;
  const own = rows.filter((row) => row.readAt === readAt && row.part < parts);
  if (own.length !== parts) return undefined;
  return { hour, readAt, parts: own.sort((one, other) => one.part - other.part).map(({ text }) => text) };
}
