import {
  CreateTableCommand,
  DeleteItemCommand,
  PutItemCommand,
  ScanCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tables } from '@steward/contracts';
import { createInputOf } from '@steward/service-kit';
import { exercisedBlocks } from '../support/runbook.ts';
import { contentBucket, deployedEnvironment, dynamo, s3 } from '../support/aws.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const blocks = exercisedBlocks(readFileSync(join(root, 'infra/docs/backup-restore.md'), 'utf8'));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'steward-restore-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a block of the runbook as it stands there, in a folder where its files may lie. */
function runBlock(name: string, env: Record<string, string>): string {
  const commands = blocks.get(name)?.replaceAll('infra/iac/bin/', `${join(root, 'infra/iac/bin')}/`) ?? 'exit 99';
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      STEWARD_ENV: deployedEnvironment,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      ...env,
    },
  });
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

describe('the runbook of a table', () => {
  const name = `${deployedEnvironment}-sessions`;
  const env = { TABLE: 'sessions' };

  it('brings back rows that were lost and rows that were changed, and keeps those written since', async () => {
    const before = await rowsOf(name);
    runBlock('table-keep', env);
    // Where point-in-time recovery is served, step 4 makes this table.
    await createLike('sessions', `${name}-restored`);
    copyFile(join(folder, 'before-sessions.jsonl'), `${name}-restored`);
    const [lost, changed] = before;
    const since = { ...lost, ...keyOf(lost, '-since') };
    await dynamo.send(new DeleteItemCommand({ TableName: name, Key: keyOf(lost) }));
    await dynamo.send(new PutItemCommand({ TableName: name, Item: { ...changed, status: { S: 'WRONG' } } }));
    await dynamo.send(new PutItemCommand({ TableName: name, Item: since }));
    const damaged = await rowsOf(name);

    const said = runBlock('table-restore', env);

    expect(before.length).toBeGreaterThan(1);
    expect(damaged).not.toContainEqual(lost);
    expect(damaged).not.toContainEqual(changed);
    expect(said).toContain(`all ${before.length} rows of the file are there`);
    expect(sorted(await rowsOf(name))).toEqual(sorted([...before, since]));
  });

  it('says so when a restored row is missing', () => {
    runBlock('table-keep', env);
    writeFileSync(join(folder, 'restored-sessions.jsonl'), '{"sessionId":{"S":"sess_never"}}\n');

    const { status, stderr } = spawnSync(
      process.execPath,
      [join(root, 'infra/iac/bin/table-rows.mjs'), 'compare', name, join(folder, 'restored-sessions.jsonl')],
      { encoding: 'utf8' },
    );

    expect([status, stderr.split('\n').some((line) => line.includes('1 rows of'))]).toEqual([1, true]);
  });
});

describe('the runbook of the bucket', () => {
  const Bucket = contentBucket;
  const workspace = 'ws_runbook';

  it('brings back what was deleted and what was replaced at a moment, and touches nothing younger', async () => {
    await put('kept', 'kept');
    await put('deleted', 'first');
    await put('replaced', 'first');
    const moment = await nextSecond();
    await put('replaced', 'second');
    await put('younger', 'new');
    await s3.send(new DeleteObjectCommand({ Bucket, Key: `${workspace}/deleted` }));
    const env = { MOMENT: new Date(moment).toISOString(), WORKSPACE: workspace };

    const look = runBlock('bucket-look', env);
    const afterLook = await get('replaced');
    const said = runBlock('bucket-restore', env);

    expect(look).toContain('2 would be restored, 1 unchanged, 1 younger');
    expect(afterLook).toBe('second');
    expect(said).toContain('2 restored, 1 unchanged, 1 younger');
    expect(await Promise.all(['kept', 'deleted', 'replaced', 'younger'].map(get))).toEqual([
      'kept',
      'first',
      'first',
      'new',
    ]);
  });

  async function put(key: string, content: string): Promise<void> {
    await s3.send(new PutObjectCommand({ Bucket, Key: `${workspace}/${key}`, Body: content }));
  }

  async function get(key: string): Promise<string | undefined> {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: `${workspace}/${key}` }));
    return Body?.transformToString();
  }
});

type Row = Record<string, AttributeValue>;

async function rowsOf(TableName: string): Promise<Row[]> {
  return (await dynamo.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? [];
}

/** The key of a session's row, or of another one beside it. */
function keyOf(row: Row | undefined, suffix = ''): Row {
  const definition = tables.tables.find(({ name }) => name === 'sessions');
  const names = [definition?.hashKey, definition?.rangeKey].filter((key): key is string => key !== undefined);
  return Object.fromEntries(names.map((key) => [key, { S: `${row?.[key]?.S}${suffix}` }]));
}

function sorted(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => (JSON.stringify(keyOf(a)) < JSON.stringify(keyOf(b)) ? -1 : 1));
}

async function createLike(name: string, TableName: string): Promise<void> {
  const definition = tables.tables.find((table) => table.name === name);
  if (definition === undefined) throw new Error(`There is no table ${name}.`);
  await dynamo.send(new CreateTableCommand({ ...createInputOf(deployedEnvironment, definition), TableName }));
  await waitUntilTableExists({ client: dynamo, maxWaitTime: 60, minDelay: 1 }, { TableName });
}

function copyFile(file: string, table: string): void {
  const tool = join(root, 'infra/iac/bin/table-rows.mjs');
  const { status, stderr } = spawnSync(process.execPath, [tool, 'import', table, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** Versions carry whole seconds: resolves with a moment after which everything written is visibly later. */
async function nextSecond(): Promise<number> {
  const moment = Math.ceil((Date.now() + 1) / 1000) * 1000;
  while (Date.now() < moment + 1000) await new Promise((resolve) => setTimeout(resolve, 20));
  return moment;
}
