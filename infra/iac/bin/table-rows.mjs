/**
 * Exports the rows of a DynamoDB table to a file, or writes such a file into a table.
 *   node infra/iac/bin/table-rows.mjs export TABLE FILE
 *   node infra/iac/bin/table-rows.mjs import TABLE FILE
 *   node infra/iac/bin/table-rows.mjs compare TABLE FILE
 * One JSON line per row, in DynamoDB's own notation, sorted, so that two exports can be compared. `import` writes the
 * rows of the file and removes none; rows of the same key are replaced. `compare` fails when a row of the file is
 * missing or different in the table. Region, credentials and endpoint come from the usual AWS_* variables.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { BatchWriteItemCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';

const BATCH = 25;

const commands = { export: exportRows, import: importRows, compare: compareRows };
const [name = '', table, file] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (command === undefined || table === undefined || file === undefined) {
  console.error('Usage: table-rows.mjs export|import|compare TABLE FILE');
  process.exit(2);
}
const client = new DynamoDBClient({});
try {
  await command();
} catch (error) {
  console.error(`${table}: ${error.message}`);
  process.exitCode = 1;
} finally {
  client.destroy();
}

async function exportRows() {
  const lines = await linesOf(table);
  // Appears whole or not at all: a broken export must not pass for a backup.
  writeFileSync(`${file}.part`, lines.map((line) => `${line}\n`).join(''), { mode: 0o600, flush: true });
  renameSync(`${file}.part`, file);
  console.log(`${table}: ${lines.length} rows, ${digest(lines)}`);
}

async function importRows() {
  const lines = readLines();
  for (let start = 0; start < lines.length; start += BATCH) {
    await writeBatch(lines.slice(start, start + BATCH).map((line) => ({ PutRequest: { Item: JSON.parse(line) } })));
  }
  console.log(`${table}: ${lines.length} rows written`);
}

async function compareRows() {
  const there = new Set(await linesOf(table));
  const missing = readLines().filter((line) => !there.has(line));
  if (missing.length > 0) throw new Error(`${missing.length} rows of ${file} are missing or different.`);
  console.log(`${table}: all ${readLines().length} rows of the file are there, ${there.size} rows in all`);
}

async function writeBatch(requests) {
  let open = requests;
  for (let pause = 50; open.length > 0; pause = Math.min(pause * 2, 5000)) {
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: open } }));
    open = UnprocessedItems?.[table] ?? [];
    if (open.length > 0) await wait(pause);
  }
}

async function linesOf(TableName) {
  const lines = [];
  let ExclusiveStartKey;
  do {
    const page = await client.send(new ScanCommand({ TableName, ConsistentRead: true, ExclusiveStartKey }));
    for (const item of page.Items ?? []) lines.push(JSON.stringify(canonical(item)));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return lines.sort();
}

function readLines() {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

/** Keys in one order, sets sorted: the same row is always the same line. */
function canonical(value) {
  if (value instanceof Uint8Array)
    throw new Error('This tool does not know binary attributes; the product stores none.');
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [
        key,
        ['SS', 'NS'].includes(key) && Array.isArray(value[key]) ? [...value[key]].sort() : canonical(value[key]),
      ]),
  );
}

function digest(lines) {
  return `sha256 ${createHash('sha256').update(lines.join('\n')).digest('hex')}`;
}
