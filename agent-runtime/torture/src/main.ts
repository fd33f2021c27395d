/**
 * The long run of the fault harness. `--minutes N` (20), `--runs N`, `--lanes N` (3), `--from N` (round of seeds to begin
 * with, 0), `--trials kill,disk,power,cancel,tool`, `--seed S` (runs one seed of the last long run again). A long run
 * begins with all faults of a disk in memory; `--journal-seed S` plays one of them again. Exit code 1 when a run failed.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { campaign } from './harness/campaign.ts';
import { allTrials } from './harness/plan-runs.ts';
import type { Trial } from './harness/plan-runs.ts';
import type { Point } from './harness/points.ts';
import type { RunPlan } from './harness/run.ts';
import { diskCampaign } from './disk/disk-campaign.ts';
import { tableOf } from './report.ts';

const { values } = parseArgs({
  options: {
    runtime: { type: 'string' },
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string' },
    from: { type: 'string', default: '0' },
    resumes: { type: 'string', default: '12' },
    runs: { type: 'string' },
    lanes: { type: 'string', default: '3' },
    trials: { type: 'string', default: allTrials.join() },
    points: { type: 'string', default: 'torture-points.json' },
    'journal-seed': { type: 'string' },
  },
});
const { seed } = values;
const journalSeed = values['journal-seed'];
const journal =
  seed !== undefined
    ? undefined
    : await diskCampaign({ from: Number(journalSeed ?? 1), ...(journalSeed === undefined ? {} : { count: 1 }) });
for (const { seed: failed, operation, fault, problems } of journal?.failures ?? [])
  process.stderr.write(
    `journal seed ${failed} (${JSON.stringify(fault)} at operation ${operation}):\n${problems.map((text) => `  ${text}\n`).join('')}`,
  );
if (journalSeed !== undefined) process.exit(journal?.failures.length === 0 ? 0 : 1);
const pointsFile = resolve(dirname(values.runtime ?? ''), values.points);
// One plan a line, so that a campaign that is cut short leaves what it ran.
const plansFile = pointsFile.replace(/(?:\.json)?$/, '.plans');
const again = seed === undefined ? undefined : kept(Number(seed));
const sayEverySeconds = 30;
let saidAt = 0;
const result = await campaign({
  runtimeFile: values.runtime ?? '',
  minutes: Number(values.minutes),
  runs: Number(values.runs ?? Infinity),
  lanes: seed === undefined ? Number(values.lanes) : 1,
  from: Number(values.from),
  resumes: seed === undefined ? Number(values.resumes) : 0,
  trials: values.trials.split(',') as Trial[],
  ...(again === undefined ? {} : { again }),
  // A seed strikes what it struck in the run that is kept; only a run that looks for points replaces it.
  onPoints: (points) => {
    if (seed !== undefined) return;
    writeFileSync(pointsFile, JSON.stringify(points));
    writeFileSync(plansFile, '');
  },
  onPlan: (plan) => (seed === undefined ? appendFileSync(plansFile, `${JSON.stringify(plan)}\n`) : undefined),
  onFailure: ({ seed: failed, trial, point, problems }) =>
    process.stderr.write(`seed ${failed} (${trial} at ${point}):\n${problems.map((text) => `  ${text}\n`).join('')}`),
  onRun: ({ seconds, runs, kills, points, pointsMet, struckFiveTimes, failures }) => {
    if (seconds - saidAt < sayEverySeconds) return;
    saidAt = seconds;
    process.stderr.write(
      `${Math.round(seconds)} s: ${runs} runs, ${kills} kills, ${pointsMet} of ${points} points struck, ${struckFiveTimes} five times, ${failures.length} failed\n`,
    );
  },
});
if (seed !== undefined) process.stdout.write(`${result.strikes.join('\n')}\n`);
process.stdout.write(tableOf(result, journal));
process.exit(result.failures.length === 0 && (journal?.failures ?? []).length === 0 ? 0 : 1);

/** What the last long run kept of a seed. Ends the process where it ran no such seed. */
function kept(wanted: number): { plan: RunPlan; points: readonly Point[] } {
  const plans = existsSync(plansFile) ? readFileSync(plansFile, 'utf8').trimEnd().split('\n') : [];
  const plan = plans
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunPlan)
    .find((one) => one.seed === wanted);
  if (plan === undefined) {
    process.stderr.write(
      `The last long run has no seed ${wanted} in ${plansFile}. Run without --seed first; its seeds can be run again.\n`,
    );
    process.exit(2);
  }
  return { plan, points: JSON.parse(readFileSync(pointsFile, 'utf8')) as readonly Point[] };
}
