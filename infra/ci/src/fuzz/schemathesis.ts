import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Prepared } from './prepare.ts';
import type { FuzzStack } from './stack.ts';
import type { RunRecord } from './record.ts';

/** One run over all operations of one service. */
export interface SchemathesisRun {
  readonly python: string;
  /** Folder of the hooks and the settings. */
  readonly folder: string;
  readonly stack: FuzzStack;
  readonly service: string;
  /** The service's OpenAPI document. */
  readonly document: object;
  readonly seed: number;
  readonly examples: number;
  /** Whether the examples and the edges of the schemas are sent, which are the same with every seed. */
  readonly fixedPhases: boolean;
  /** Operations whose schemas' edges are left out. */
  readonly withoutEdges: readonly string[];
  /** Things that single operations may use up. */
  readonly prepared: Prepared;
  /** Ids that are a stranger's own from the runs before. */
  readonly strangersOwn: readonly string[];
  /** Where the document, the log and the record of the run are kept. */
  readonly out: string;
}

/** Runs Schemathesis once with all checks and phases; resolves to its record. Throws when it could not do its work. */
export async function runSchemathesis(run: SchemathesisRun): Promise<RunRecord> {
  const name = `${run.service}-${run.seed}`;
  const documentFile = join(run.out, `${run.service}.openapi.json`);
  const recordFile = join(run.out, `${name}.json`);
  const configFile = join(run.out, `schemathesis-${name}.toml`);
  const ownFile = join(run.out, `${name}.own.json`);
  await writeFile(ownFile, JSON.stringify(run.strangersOwn));
  await writeFile(documentFile, JSON.stringify(run.document));
  await writeFile(configFile, await configText(run));
  const args = [
    ...['-m', 'schemathesis.cli', '--config-file', configFile, '--no-color'],
    ...['run', documentFile, '--url', run.stack.services[run.service] ?? '', '--tls-verify', run.stack.caFile],
    ...['--max-examples', String(run.examples), '--seed', String(run.seed), '--checks', 'all'],
    ...['--continue-on-failure', '--generation-database', 'none'],
  ];
  const exitCode = await new Promise<number>((resolve, reject) => {
    const child = spawn(run.python, args, {
      cwd: run.out,
      env: {
        ...process.env,
        PYTHONPATH: run.folder,
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONHASHSEED: '0',
        SCHEMATHESIS_HOOKS: 'steward_hooks',
        STEWARD_FUZZ_SERVICE: run.service,
        STEWARD_FUZZ_TOKENS: run.stack.tokensFile,
        STEWARD_FUZZ_CA: run.stack.caFile,
        STEWARD_FUZZ_PREPARED: JSON.stringify(run.prepared),
        STEWARD_FUZZ_OWN: ownFile,
        STEWARD_FUZZ_RECORD: recordFile,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(join(run.out, `${name}.log`));
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.once('error', reject);
    child.once('close', (code) => {
      log.end();
      resolve(code ?? 1);
    });
  });
  // 1: failures were found, and are in the record.
  if (exitCode > 1) throw new Error(`Schemathesis ended with ${exitCode}; see ${join(run.out, `${name}.log`)}.`);
  const record = JSON.parse(await readFile(recordFile, 'utf8')) as RunRecord;
  if (record.requests === 0) throw new Error(`Schemathesis sent nothing; see ${join(run.out, `${name}.log`)}.`);
  return record;
}

/** A flow needs several requests to get anywhere, so there are more of them than of single requests. */
const FLOWS_PER_EXAMPLE = 5;

async function configText({ folder, examples, fixedPhases, withoutEdges }: SchemathesisRun): Promise<string> {
  const base = await readFile(join(folder, 'schemathesis.toml'), 'utf8');
  const flows = `[phases.stateful.generation]\nmax-examples = ${examples * FLOWS_PER_EXAMPLE}\n`;
  if (!fixedPhases) return `${base}\n[phases.examples]\nenabled = false\n[phases.coverage]\nenabled = false\n${flows}`;
  if (withoutEdges.length === 0) return `${base}\n${flows}`;
  const edges = `[[operations]]\ninclude-operation-id = ${JSON.stringify(withoutEdges)}\nphases.coverage.enabled = false\n`;
  return `${base}\n${edges}\n${flows}`;
}
