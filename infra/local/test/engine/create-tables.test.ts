import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { tables } from '@steward/contracts';
import { join } from 'node:path';
import { createTables } from '../../src/engine/create-tables.ts';
import { chooseDatabase, findDynoxide } from '../../src/engine/database-choice.ts';
import { waitUntilHealthy } from '../../src/stack/health.ts';
import { machinePorts } from '../../src/stack/ports.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Real processes and sockets: a busy machine must not turn a slow answer into a failure.
const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const dynoxide = findDynoxide(ROOT);
const whereTheEngineRuns = dynoxide === undefined ? it.skip : it;

async function startEngine(dataFolder: string, port: number): Promise<ChildProcess> {
  const choice = chooseDatabase({ env: {}, dataFolder, port, dynoxide });
  if (choice.kind !== 'spawn') throw new Error('The embedded engine was expected.');
  const engine = spawn(choice.command, choice.args, { stdio: 'ignore' });
  await waitUntilHealthy({ url: `http://127.0.0.1:${port}/`, anyStatus: true }, AbortSignal.timeout(60_000));
  return engine;
}

async function stopEngine(engine: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => engine.once('exit', resolve));
  engine.kill('SIGKILL');
  await ended;
}

async function tableNames(endpoint: string): Promise<string[]> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'local', credentials });
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  client.destroy();
  return TableNames.sort();
}

describe('the tables', () => {
  whereTheEngineRuns('are created once and are still there after the engine was killed', async () => {
    const folder = temporaryFolder();
    const port = await machinePorts.freePort();
    const target = { endpoint: `http://127.0.0.1:${port}`, region: 'local', environment: 'local' };
    const first = await startEngine(folder, port);

    await createTables(target);
    await createTables(target);
    await stopEngine(first);
    const second = await startEngine(folder, port);
    const names = await tableNames(target.endpoint);
    await stopEngine(second);

    expect(names).toEqual(tables.tables.map((table) => `local-${table.name}`).sort());
  });
});
