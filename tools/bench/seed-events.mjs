/** Fills the embedded engine's file with events, by the engine's own import, as the Audit Service would have stored them. */
import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { loadSource } from './load-source.mjs';
import { recordedEvents } from './recorded-events.mjs';

const sources = `
export { eventItem } from './backend-observability/audit/src/events/event-items.ts';
export { seal } from './backend-observability/audit/src/events/chain.ts';
export { dayOf, streamOf } from './backend-observability/audit/src/events/event.ts';
export { scopedTable } from './platform/service-kit/src/storage/scoped-table.ts';
export { createInputOf } from './platform/service-kit/src/storage/tables.ts';
export { testScope } from './platform/service-kit/src/test-support/test-scope.ts';
export { tables } from './platform/contracts/src/index.ts';
`;
const env = 'local';
const itemsPerFile = 50_000;

/**
 * Writes `count` recorded decisions into a new file of the engine: each event's row with its indexes and its chain of
 * hashes, without the rows that find an event by its id, which no simulation reads.
 * @returns how many actions differ
 */
export async function seedEvents(count, work, databaseFile) {
  const { module, remove } = await loadSource({ text: sources });
  remove();
  const definition = module.tables.tables.find(({ name }) => name === 'audit-events');
  const table = module.createInputOf(env, definition);
  delete table.BillingMode;
  const exported = join(work, 'export');
  const data = join(exported, table.TableName, 'data');
  mkdirSync(data, { recursive: true });
  const schema = join(work, 'schema.json');
  writeFileSync(schema, JSON.stringify([{ Table: { ...table, TableStatus: 'ACTIVE' } }]));
  const rows = rowsOf(module, count);
  let distinct = 0;
  const lines = function* () {
    for (let n = 0; n < itemsPerFile; n += 1) {
      const { done, value } = rows.next();
      if (done) {
        distinct = value?.distinct ?? distinct;
        return;
      }
      yield `${value}\n`;
    }
  };
  for (let start = 0; start < count + 1; start += itemsPerFile)
    await pipeline(lines, createGzip({ level: 1 }), createWriteStream(join(data, `part-${start}.json.gz`)));
  const engine = join(dirname(createRequire(import.meta.url).resolve('@dynoxide/linux-x64/package.json')), 'dynoxide');
  execFileSync(engine, ['import', '--source', exported, '--schema', schema, '--output', databaseFile], {
    stdio: 'ignore',
  });
  rmSync(exported, { recursive: true });
  return distinct;
}

function* rowsOf({ eventItem, seal, dayOf, streamOf, scopedTable, testScope }, count) {
  const scope = testScope('acme');
  const table = scopedTable({ client: undefined, env }, 'audit-events', scope);
  const heads = new Map();
  const events = recordedEvents(count);
  for (;;) {
    const { done, value: envelope } = events.next();
    if (done) return envelope;
    const { workspaceId, userId, sessionId, timestamp } = envelope;
    const event = seal(envelope, streamOf(envelope), heads.get(workspaceId));
    heads.set(workspaceId, event);
    const row = eventItem({ event, owner: userId, contentDigest: `sha256:${'0'.repeat(64)}`, createdAt: timestamp });
    const indexes = { byTenantDay: [dayOf(timestamp)], bySession: [sessionId] };
    const { Item } = table.put(row, [event.streamType, event.streamId], indexes).transactItem(scope).Put;
    const typed = Object.entries(Item).map(([name, value]) => [
      name,
      typeof value === 'number' ? { N: String(value) } : { S: value },
    ]);
    yield JSON.stringify({ Item: Object.fromEntries(typed) });
  }
}
