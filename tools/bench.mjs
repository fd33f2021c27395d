/**
 * `npm run bench`: how fast the agent runtime is beside a bare loop measured in the same run. Prints a table on stderr
 * and JSON on stdout. `--rounds N` (3), `--steps N` (300). `--decisions` measures policy decisions only, `--simulate`
 * simulations only, `--journal` the journal's flush, coming back and sending what waited only, `--walls` the sandbox and
 * the kill switch only.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureDecisions } from './bench/decisions.mjs';
import { measureKillSwitch } from './bench/kill-switch.mjs';
import { measureDrain, measureFlush, measureResume } from './bench/journal.mjs';
import { createSession, startRuntime } from './bench/runtime-session.mjs';
import { measureSandbox } from './bench/sandbox.mjs';
import { measureScreen } from './bench/screen.mjs';
import { startRpcProcess } from './bench/rpc-process.mjs';
import { startScriptedModel } from './bench/scripted-model.mjs';
import { startStack } from './bench/stack.mjs';
import { checkNode, ensureBuilt, ensureInstalled } from './setup.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? Number(process.argv[at + 1]) : fallback;
};
const rounds = option('rounds', 3);
const steps = option('steps', 300);
const say = (text) => process.stderr.write(`${text}\n`);

const median = (values) => percentile(values, 0.5);
function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
/** Overheads of the steps around n; single steps are too noisy to quote. */
const around = (overheads, n) => overheads.slice(Math.max(0, n - 10), n);

const tools = {
  read: { tool: 'ReadFile', args: { path: 'notes.txt' } },
  shell: { tool: 'RunCommand', args: { command: 'cat notes.txt' } },
};

async function measureFloor(model, project, kind) {
  const env = { PATH: process.env.PATH, LLM_GATEWAY_ENDPOINT: model.endpoint };
  const floor = startRpcProcess([process.execPath, join(root, 'tools/bench/floor.mjs')], env);
  const firstRequest = model.arm({ ...tools[kind], steps });
  await floor.call('initialize');
  const initialized = performance.now() - floor.spawnedAt;
  const done = floor.event('task_completed');
  await floor.call('StartTask', { prompt: 'go', cwd: project });
  const first = (await firstRequest) - floor.spawnedAt;
  await done;
  const result = { initialized, first, overheads: model.run().overheads, memory: floor.memoryMb() };
  await floor.stop();
  return result;
}

async function measureRuntime(model, project, kind, stack) {
  const firstRequest = model.arm({ ...tools[kind], steps });
  const rpc = await startRuntime(stack, model);
  const sessionId = await createSession(rpc, project);
  const done = rpc.event('task_completed', 'task_failed', 'session_paused');
  await rpc.call('StartTask', { sessionId, prompt: 'go', taskOptions: { maxSteps: steps + 10 } });
  const first = (await firstRequest) - rpc.spawnedAt;
  const end = await done;
  if (end.eventType !== 'task_completed') throw new Error(`The task ended with ${JSON.stringify(end)}`);
  const { initialized } = rpc;
  const result = { initialized, first, overheads: model.run().overheads, memory: rpc.memoryMb() };
  await rpc.stop();
  return result;
}

/** A figure of the runtime beside what it is compared with. */
const beside = (figure, unit, runtime, floor, aim = '') => ({
  figure,
  unit,
  runtime: Number(runtime.toFixed(2)),
  floor: Number(floor.toFixed(2)),
  ratio: Number((runtime / floor).toFixed(2)),
  aim,
});

/** A step with and without its flush, coming back after 1,000 steps, and sending what waited. */
async function journalRows(model, project, stack) {
  say('Steps with and without the flush of the journal.');
  const { flushed, unflushed } = await measureFlush(stack, model, project, { rounds, steps });
  say('Coming back to a conversation of 1,000 steps.');
  const { resumed, bare, bytes, messages } = await measureResume(stack, model, project, { steps: 1_000, times: 30 });
  say(`Its journal has ${bytes} bytes, the conversation ${messages} messages.`);
  say('Sending what waited.');
  const drain = await measureDrain(stack, model, project, { steps: 300 });
  return [
    // Here the floor is the same runtime without the flush, and what the disk costs is the difference.
    beside('read step p50, flushed | not flushed', 'ms', median(flushed), median(unflushed)),
    beside('read step p95, flushed | not flushed', 'ms', percentile(flushed, 0.95), percentile(unflushed, 0.95)),
    // Here it is reading and parsing the journal, and nothing else.
    beside('resume after 1,000 steps, p50', 'ms', median(resumed), median(bare), '≤ 300 ms'),
    beside('resume after 1,000 steps, p99', 'ms', percentile(resumed, 0.99), percentile(bare, 0.99), '≤ 2000 ms'),
    // Here it is a client that only posts the same events in batches.
    beside(`outbox drain of ${drain.events} events`, '/s', drain.runtime, drain.bare),
  ];
}

/** Per capability: half of the decisions, all but one in a hundred, and the same without what else the machine did. */
async function decisionRows() {
  const { times, steady, processor, long } = await measureDecisions();
  const figure = (name, milliseconds, aim = '') => ({
    figure: name,
    unit: 'ms',
    runtime: Number(milliseconds.toFixed(3)),
    aim,
  });
  const worst = (kind) => Math.max(...long.map((each) => each[kind]));
  return [
    ...Object.keys(times).flatMap((capability) => [
      figure(`decision p50, ${capability}`, percentile(times[capability], 0.5)),
      figure(`decision p99, ${capability}`, percentile(times[capability], 0.99), '≤ 2 ms'),
      figure('  p99 of the medians of actions', percentile(steady[capability], 0.99), '≤ 2 ms'),
      figure('  slowest median of an action', Math.max(...steady[capability])),
      figure('  processor time, mean', processor[capability]),
    ]),
    figure('decision on 200 kB of command, worst', worst('elapsed'), '≤ 1000 ms'),
    figure('  processor time, worst', worst('processor'), '≤ 1000 ms'),
  ];
}

function sandboxRows({ plain, sandboxed }) {
  if (sandboxed.length === 0) return [];
  return [
    {
      figure: 'start of a command in the sandbox, p50',
      unit: 'ms',
      runtime: Number(median(sandboxed).toFixed(1)),
      floor: Number(median(plain).toFixed(1)),
      aim: '≤ 15 ms over a plain one',
    },
  ];
}

/** From the admin's click to the refusal in a running session. */
function killSwitchRows(times) {
  return [0.5, 0.95, 1].map((share) => ({
    figure: `kill switch → refused, ${share === 1 ? 'slowest' : `p${share * 100}`}`,
    unit: 'ms',
    runtime: Number(percentile(times, share).toFixed(0)),
    aim: '≤ 2000 ms',
  }));
}

function sayRows(rows) {
  say(`\n${'figure'.padEnd(42)}${'runtime'.padStart(12)}${'floor'.padStart(12)}${'ratio'.padStart(8)}  aim`);
  for (const { figure, unit, runtime, floor, ratio, aim } of rows) {
    const beside = floor === undefined ? '' : `${floor} ${unit}`;
    say(
      `${figure.padEnd(42)}${`${runtime} ${unit}`.padStart(12)}${beside.padStart(12)}${String(ratio ?? '').padStart(8)}  ${aim}`,
    );
  }
}

checkNode();
if (process.argv.includes('--decisions')) {
  await ensureInstalled();
  const rows = await decisionRows();
  sayRows(rows);
  process.stdout.write(`${JSON.stringify({ node: process.version, platform: process.platform, rows })}\n`);
  process.exit();
}
if (process.argv.includes('--simulate')) {
  await ensureInstalled();
  await ensureBuilt();
  await import('./bench/simulate.mjs');
  process.exit();
}
await ensureInstalled();
await ensureBuilt();
const home = mkdtempSync(join(tmpdir(), 'steward-bench-home-'));
const project = mkdtempSync(join(tmpdir(), 'steward-bench-project-'));
writeFileSync(join(project, 'notes.txt'), 'A short note.\n'.repeat(20));
const model = await startScriptedModel();
const stack = await startStack(home);
let screen;
let journal;
let killSwitch;
const onlyWalls = process.argv.includes('--walls');
const onlyJournal = process.argv.includes('--journal');
const samples = { floor: { read: [], shell: [] }, runtime: { read: [], shell: [] } };
try {
  for (let round = 1; !onlyJournal && !onlyWalls && round <= rounds; round += 1) {
    for (const kind of ['read', 'shell']) {
      say(`Round ${round} of ${rounds}, ${kind} steps.`);
      samples.floor[kind].push(await measureFloor(model, project, kind));
      samples.runtime[kind].push(await measureRuntime(model, project, kind, stack));
    }
  }
  if (!onlyJournal) killSwitch = await measureKillSwitch(stack, model, project);
  if (!onlyWalls) journal = await journalRows(model, project, stack);
  if (!onlyJournal && !onlyWalls) {
    say('Events to the screen.');
    screen = await measureScreen(stack.ready, project);
  }
} finally {
  model.close();
  await stack.stop();
  rmSync(home, { recursive: true, force: true });
  rmSync(project, { recursive: true, force: true });
}

if (onlyJournal || onlyWalls) {
  const few = onlyJournal ? journal : [...sandboxRows(await measureSandbox()), ...killSwitchRows(killSwitch)];
  sayRows(few);
  process.stdout.write(
    `${JSON.stringify({ node: process.version, platform: process.platform, rounds, steps, rows: few })}\n`,
  );
  process.exit();
}
const rows = [];
const row = (figure, unit, pick, aim) => rows.push(beside(figure, unit, pick('runtime'), pick('floor'), aim));
const all = (who) => [...samples[who].read, ...samples[who].shell];
row('process start → initialize answered', 'ms', (who) => median(all(who).map((run) => run.initialized)), '≤ 100 ms');
row('process start → first model request', 'ms', (who) => median(all(who).map((run) => run.first)), '≤ 150 ms');
for (const [kind, aim] of [
  ['read', '≤ 1.6 × floor'],
  ['shell', '≤ 2 × floor'],
]) {
  for (const n of [10, 100, 300].filter((step) => step <= steps)) {
    row(
      `${kind} step p50 at step ${n}`,
      'ms',
      (who) => median(samples[who][kind].flatMap((run) => around(run.overheads, n))),
      aim,
    );
  }
  row(
    `${kind} step p95, all steps`,
    'ms',
    (who) =>
      percentile(
        samples[who][kind].flatMap((run) => run.overheads),
        0.95,
      ),
    '',
  );
}
row(`memory after ${steps} steps`, 'MB', (who) => median(all(who).map((run) => run.memory)), '≤ 110 MB');
rows.push(...journal);

for (const [figure, times] of [
  ['event → browser', screen.arrival],
  ['event → painted', screen.paint],
]) {
  for (const [name, share] of [
    ['p50', 0.5],
    ['p95', 0.95],
  ]) {
    rows.push({
      figure: `${figure} ${name}`,
      unit: 'ms',
      runtime: Number(percentile(times, share).toFixed(2)),
      aim: '',
    });
  }
}

rows.push(...sandboxRows(await measureSandbox()), ...killSwitchRows(killSwitch));
rows.push(...(await decisionRows()));

sayRows(rows);
process.stdout.write(`${JSON.stringify({ node: process.version, platform: process.platform, rounds, steps, rows })}\n`);
