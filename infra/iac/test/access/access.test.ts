import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { tables } from '@steward/contracts';
import { access } from '../../src/access/access.ts';
import { serviceNames } from '../../src/services/service-names.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
/** Kept by the kit for every service that stores something. */
const shared = ['idempotency', 'rate-limits', 'jobs'];

describe('the access data', () => {
  it('name tables and indexes of the contracts only, and every table once at least', () => {
    const known = tables.tables.flatMap(({ name, gsis }) => [name, ...gsis.map((gsi) => `${name}/${gsi.name}`)]);

    const named = Object.values(access).flatMap(({ tables: own }) =>
      Object.entries(own).flatMap(([name, { indexes = {} }]) => [
        name,
        ...Object.keys(indexes).map((index) => `${name}/${index}`),
      ]),
    );

    expect(named.filter((name) => !known.includes(name))).toEqual([]);
    expect(tables.tables.map(({ name }) => name).filter((name) => !named.includes(name))).toEqual([]);
  });

  it.each(serviceNames)('give %s the tables that its sources name', (service) => {
    const sources = sourcesOf(service);
    const names = tables.tables.map(({ name }) => name).filter((name) => !shared.includes(name));

    const inSources = names.filter((name) =>
      new RegExp(`(?:tableName|scopedTable|Tenants|pingTable)\\([^)]*'${name}'`).test(sources),
    );

    const granted = Object.keys(access[service].tables).filter((name) => !shared.includes(name));
    expect(inSources.sort()).toEqual(granted.sort());
  });
});

function sourcesOf(service: string): string {
  const folder = join(
    root,
    ['audit', 'telemetry'].includes(service) ? `backend-observability/${service}` : `backend-${service}`,
    'src',
  );
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.dynamo.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
}
