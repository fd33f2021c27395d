import { randomInt } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MissingError, providePython } from './environment.ts';
import { operationsOf } from './foreign-ids.ts';
import { Lane } from './lane.ts';
import neverSucceeds from './never-succeeds.json' with { type: 'json' };
import type { FuzzOptions } from './options.ts';
import { UsageError, parseOptions } from './options.ts';
import { emptyRecord, judgeOperations, mergeRecords } from './record.ts';
import type { Summary } from './summary.ts';
import { summaryLines } from './summary.ts';

/** It holds the switch that stops everybody: fuzzed in a stack of its own. */
const ALONE = 'policy';

/** What a fuzzing run needs from the outside. */
export interface FuzzDeps {
  /** Folder of the repository. */
  readonly root: string;
  readonly args: readonly string[];
  readonly print: (line: string) => void;
  readonly say: (sentence: string) => void;
}

/**
 * Fuzzes every service of two stacks of its own and prints the summary, which ends with `N passed, N failed`. Resolves
 * to the exit code: 0, 1 for failures or something missing, 2 for wrong arguments.
 */
export async function runFuzz(deps: FuzzDeps): Promise<number> {
  try {
    return await fuzz(deps, parseOptions(deps.args, randomInt(2 ** 31)));
  } catch (error) {
    if (!(error instanceof MissingError) && !(error instanceof UsageError)) throw error;
    deps.say(error.message);
    deps.print('0 passed, 1 failed');
    return error instanceof UsageError ? 2 : 1;
  }
}

async function fuzz({ root, print, say }: FuzzDeps, options: FuzzOptions): Promise<number> {
  const started = performance.now();
  const folder = join(root, 'infra/ci/src/fuzz/python');
  const python = providePython(join(folder, 'requirements.txt'), say);
  const out = join(root, 'dist', 'fuzz');
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const lanes: Lane[] = [];
  const stop = (): void => void closeAll(lanes).then(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const isAsked = (name: string): boolean => options.services.length === 0 || options.services.includes(name);
    const shared = { root, python, folder, out, options };
    const { parallel } = options;
    if (options.services.length === 0 || options.services.some((name) => name !== ALONE))
      lanes.push(await Lane.open({ ...shared, wants: (name) => name !== ALONE && isAsked(name), parallel }));
    if (isAsked(ALONE)) lanes.push(await Lane.open({ ...shared, wants: (name) => name === ALONE, parallel: 1 }));
    await Promise.all(lanes.map((lane) => fuzzLane(lane, lanes, options.requests, say)));
    const summary = await summaryOf(lanes, options, started);
    const lines = summaryLines(summary);
    await writeFile(join(out, 'summary.txt'), `${lines.join('\n')}\n`);
    await writeFile(join(out, 'record.json'), JSON.stringify(summary.record, null, 2));
    if (options.withoutEdges.length > 0)
      print(
        `Left to the long run: the edges of the bodies of ${options.withoutEdges.join(', ')}, and whether each succeeds.`,
      );
    for (const line of lines) print(line);
    return lines.at(-1)?.endsWith(' 0 failed') === true ? 0 : 1;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await closeAll(lanes);
  }
}

/** Rounds go on until all lanes together sent enough, or something broke; each lane has one at least. */
async function fuzzLane(
  lane: Lane,
  lanes: readonly Lane[],
  requests: number,
  say: (sentence: string) => void,
): Promise<void> {
  const sent = (): number => lanes.reduce((sum, { record }) => sum + record.requests, 0);
  do {
    await lane.round();
    say(`${[...lane.documents.keys()].join(', ')}: ${lane.seeds.length} rounds; ${sent()} requests so far.`);
  } while (sent() < requests && lanes.every(({ broken }) => broken.length === 0));
}

async function summaryOf(lanes: readonly Lane[], options: FuzzOptions, started: number): Promise<Summary> {
  const record = lanes.map((lane) => lane.record).reduce(mergeRecords, emptyRecord);
  const crossTenant = (await Promise.all(lanes.map((lane) => lane.replay()))).flat();
  const leaks = (await Promise.all(lanes.map((lane) => lane.leaks()))).flat();
  const verdicts = lanes.flatMap((lane) =>
    [...lane.documents].flatMap(([service, document]) =>
      judgeOperations(operationsOf(document), record, neverSucceeds, options.withoutEdges).map((verdict) => ({
        service,
        ...verdict,
      })),
    ),
  );
  return {
    seeds: [...new Set(lanes.flatMap(({ seeds }) => seeds))].sort((left, right) => left - right),
    seconds: (performance.now() - started) / 1000,
    record,
    verdicts,
    crossTenant,
    leaks,
    broken: lanes.flatMap(({ broken }) => broken),
  };
}

async function closeAll(lanes: readonly Lane[]): Promise<void> {
  await Promise.all(lanes.map((lane) => lane.close()));
}
