import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoClient } from '../storage/dynamo.ts';
import { ensureTables } from '../storage/tables.ts';
import { freePort } from './free-port.ts';

/** An embedded engine with all tables, for one test file. */
export interface RunningDynamo {
  readonly endpoint: string;
  /** Together with `env`, what a DynamoDB repository needs. */
  readonly client: DynamoDBClient;
  readonly env: string;
  close(): Promise<void>;
}

/**
 * Starts the embedded engine on a free port with its data in a temporary folder and creates all tables.
 * When TEST_DYNAMODB_ENDPOINT is set, that engine is used instead, with table names of this run's own.
 */
export async function startDynamo(): Promise<RunningDynamo> {
  const env = `test-${randomUUID().slice(0, 13)}`;
  const given = process.env['TEST_DYNAMODB_ENDPOINT'];
  const engine = given === undefined ? await startEngine() : undefined;
  const endpoint = given ?? engine?.endpoint ?? '';
  const client = createDynamoClient({ endpoint });
  await ensureTables(client, env);
  const close = async (): Promise<void> => {
    client.destroy();
    await engine?.close();
  };
  return { endpoint, client, env, close };
}

async function startEngine(): Promise<{ endpoint: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'steward-dynamo-'));
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const child = spawn(engineBinary(), ['--port', String(port), '--db-path', join(folder, `data-${attempt}.db`)], {
      stdio: 'ignore',
    });
    const endpoint = `http://127.0.0.1:${port}`;
    if (await answers(endpoint, child)) return { endpoint, close: () => stop(child, folder) };
    if (attempt === 3) throw new Error('The embedded DynamoDB engine did not start.');
  }
}

function engineBinary(): string {
  const require = createRequire(import.meta.url);
  try {
    const binary = join(dirname(require.resolve('@dynoxide/linux-x64/package.json')), 'dynoxide');
    if (existsSync(binary)) return binary;
  } catch {
    // Falls through to the sentence below.
  }
  throw new Error(
    'There is no embedded DynamoDB engine for this platform; set TEST_DYNAMODB_ENDPOINT to a running one.',
  );
}

async function answers(endpoint: string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline && child.exitCode === null) {
    try {
      await fetch(endpoint);
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  return false;
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode === null) {
    child.kill('SIGKILL');
    await exited;
  }
  await rm(folder, { recursive: true, force: true });
}
