/**
 * The long run of the fault harness. `--minutes N` (20), `--seed S` (runs one seed, several times with `--times`),
 * `--from S` (first seed of a long run, 1), `--runs N`, `--trials kill,disk,power,cancel`. A
 * long run begins with all faults of a disk in memory; `--journal-seed S` plays one of them again. Exit code 1 when a run failed.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { campaign } from './harness/campaign.ts';
import type { Point, Trial } from './harness/plan-runs.ts';
import { diskCampaign } from './disk/disk-campaign.ts';
import { tableOf } from './report.ts';

const { values } = parseArgs({
  options: {
    runtime: { type: 'string' },
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    runs: { type: 'string' },
    lanes: { type: 'string', default: '2' },
    trials: { type: 'string', default: 'kill,disk,power,cancel' },
    points: { type: 'string', default: 'torture-points.json' },
    'journal-seed': { type: 'string' },
  },
});
const single = values.seed !== undefined;
const journalSeed = values['journal-seed'];
const journal = single
  ? undefined
  : await diskCampaign({ from: Number(journalSeed ?? 1), ...(journalSeed === undefined ? {} : { count: 1 }) });
for (const { seed, operation, fault, problems } of journal?.failures ?? [])
  process.stderr.write(
    `journal seed ${seed} (${JSON.stringify(fault)} at operation ${operation}):\n${problems.map((text) => `  ${text}\n`).join('')}`,
  );
if (journalSeed !== undefined) process.exit(journal?.failures.length === 0 ? 0 : 1);
// A seed strikes what it struck in the run whose points are kept; only a run that looks for points replaces them.
const pointsFile = resolve(dirname(values.runtime ?? ''), values.points);
const points =
  single && existsSync(pointsFile) ? (JSON.parse(readFileSync(pointsFile, 'utf8')) as readonly Point[]) : undefined;
const result = await campaign({
  ...(points === undefined ? {} : { points }),
  runtimeFile: values.runtime ?? '',
  seed: Number(values.seed ?? values.from),
  minutes: Number(values.minutes),
  runs: Number(values.runs ?? (single ? 1 : Infinity)),
  lanes: single ? 1 : Number(values.lanes),
  trials: values.trials.split(',') as Trial[],
  onFailure: ({ seed, trial, point, problems }) =>
    process.stderr.write(`seed ${seed} (${trial} at ${point}):\n${problems.map((text) => `  ${text}\n`).join('')}`),
});
if (points === undefined) writeFileSync(pointsFile, JSON.stringify(result.list));
if (single) process.stdout.write(`${result.strikes.join('\n')}\n`);
process.stdout.write(tableOf(result, journal));
process.exit(result.failures.length === 0 && (journal?.failures ?? []).length === 0 ? 0 : 1);
