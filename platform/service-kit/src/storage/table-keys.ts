import { tables } from '@steward/contracts';
import type { TableDefinition } from '@steward/contracts';

const byName = new Map(tables.tables.map((table) => [table.name, table]));

/** The definition of a table of the contracts; throws when there is none of that name. */
export function tableDefinition(name: string): TableDefinition {
  const found = byName.get(name);
  if (found === undefined) throw new Error(`The contracts define no table ${name}.`);
  return found;
}

/** The definition of an index; throws when the table has none of that name. */
export function indexOf(table: TableDefinition, name: string): TableDefinition['gsis'][number] {
  const found = table.gsis.find((gsi) => gsi.name === name);
  if (found === undefined) throw new Error(`The table ${table.name} has no index ${name}.`);
  return found;
}

/**
 * Throws when an update expression would give a row to another tenant: it may take a row out of an index (`REMOVE`),
 * but never writes `tenantId` or a partition key.
 */
export function refuseMoving(
  table: TableDefinition,
  update: string,
  { names = {} }: { readonly names?: Record<string, string> },
): void {
  const written = update.replaceAll(/\bREMOVE\b[^]*?(?=\b(SET|ADD|DELETE)\b|$)/g, '');
  const words = (written.match(/#?\w+/g) ?? []).map((word) => names[word] ?? word);
  const fixed = ['tenantId', table.hashKey, ...table.gsis.map(({ hashKey }) => hashKey)];
  const moved = words.find((word) => fixed.includes(word));
  if (moved !== undefined) throw new Error(`${moved} says whose row it is and never changes.`);
}

/** The attribute that tells which put stored a row; of use to the store alone. */
export const writeIdAttribute = 'writeId';

const hiddenIn = new WeakMap<TableDefinition, ReadonlySet<string>>();

function hiddenOf(table: TableDefinition): ReadonlySet<string> {
  const known = hiddenIn.get(table);
  if (known !== undefined) return known;
  // No row has an attribute `__proto__`, which would not be one of the copy either.
  const made = new Set(['__proto__', writeIdAttribute, table.hashKey, ...table.gsis.map(({ hashKey }) => hashKey)]);
  hiddenIn.set(table, made);
  return made;
}

/** The row without the attributes that exist as keys of partitions, or for the store, only. */
export function withoutKeys(table: TableDefinition, item: Record<string, unknown>): Record<string, unknown> {
  const hidden = hiddenOf(table);
  // Not a copy that attributes are deleted from: that one is slow to read and to write out.
  const row: Record<string, unknown> = {};
  for (const name of Object.keys(item)) if (!hidden.has(name)) row[name] = item[name];
  return row;
}
