/**
 * `npm run bench -- --simulate`: how fast recorded actions are replayed against a policy, in the thread that the Policy
 * Service uses, and how long its own event loop is held meanwhile. `--actions N` (1000000). Two loads: actions as people
 * repeat them, and actions that are all different. Prints a table on stderr and JSON on stdout.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from '../build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const at = process.argv.indexOf('--actions');
const actions = at > 0 ? Number(process.argv[at + 1]) : 1_000_000;
const batchSize = 2_000;
const facts = { platform: 'linux', cwd: '/home/a/shop', workspaceDir: '/home/a/shop', homeDir: '/home/a' };

/** The same numbers in every run. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const shapes = [
  (n) => ['RunCommand', { command: `git log -n ${n} -- src/part-${n}.ts` }],
  (n) => ['RunCommand', { command: `npm test -- part-${n}` }],
  (n) => ['RunCommand', { command: `grep -rn "name-${n}" src | head -20` }],
  (n) => ['RunCommand', { command: `sed -i s/a${n}/b/ src/part-${n}.ts && git diff --stat` }],
  (n) => ['ReadFile', { path: `/home/a/shop/src/part-${n}.ts` }],
  (n) => ['ReadFile', { path: `/home/a/shop/docs/part-${n}.md` }],
  (n) => ['EditFile', { path: `/home/a/shop/src/part-${n}.ts`, oldText: 'a', newText: 'b' }],
  (n) => ['WriteFile', { path: `/home/a/shop/src/new-${n}.ts` }, { content: n }],
  (n) => ['SearchText', { path: '/home/a/shop', pattern: `name-${n}` }],
  (n) => ['HttpRequest', { method: 'GET', url: `https://registry.npmjs.org/part-${n}` }],
];

function recorded(index, n) {
  const [toolName, args, sizes] = shapes[index % shapes.length](n);
  const path = typeof args.path === 'string' ? { realPaths: { [args.path]: args.path } } : {};
  return {
    eventId: `evt_${String(index).padStart(26, '0')}`,
    at: '2026-01-01T00:00:00.000Z',
    userId: `user-${index % 40}`,
    decision: { decision: 'allow', reasonCodes: ['ALLOWED_BY_CAPABILITY'] },
    recorded: {
      schemaVersion: 1,
      toolName,
      replayable: true,
      arguments: args,
      ...(sizes === undefined ? {} : { sizes }),
      facts: { ...facts, ...path },
    },
  };
}

/** People and agents repeat themselves: few actions are frequent, many are rare, one in ten is new. */
function* repeated() {
  const random = randomNumbers(7);
  for (let index = 0; index < actions; index += 1) {
    const isNew = random() < 0.1;
    yield recorded(index, isNew ? 1_000_000 + index : Math.floor(4_000 * random() ** 3));
  }
}

function* distinct() {
  for (let index = 0; index < actions; index += 1) yield recorded(index, index);
}

async function measure(generate, policy) {
  const worker = new Worker(join(root, 'dist/services/policy-replay-worker.js'), {
    workerData: { policy, options: {} },
  });
  const waiting = [];
  worker.on('message', (message) => waiting.shift()?.(message));
  const answer = () => new Promise((resolve) => waiting.push(resolve));
  await answer();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const started = performance.now();
  let batch = [];
  const send = async () => {
    const taken = answer();
    worker.postMessage({ batch: JSON.stringify(batch) });
    batch = [];
    await taken;
  };
  for (const action of generate()) {
    batch.push(action);
    if (batch.length === batchSize) await send();
  }
  if (batch.length > 0) await send();
  const last = answer();
  worker.postMessage({});
  const { result } = await last;
  const seconds = (performance.now() - started) / 1000;
  delay.disable();
  await worker.terminate();
  return {
    actions: result.recorded,
    changed: result.changed,
    seconds: Number(seconds.toFixed(1)),
    perSecond: Math.round(result.recorded / seconds),
    serviceHeldP99Ms: Number((delay.percentile(99) / 1e6).toFixed(1)),
  };
}

await build({ only: ['policy-replay-worker'] });
const policy = JSON.parse(readFileSync(join(root, 'tools/bench/simulate-policy.json'), 'utf8'));
const results = [];
for (const [load, generate] of [
  ['as people repeat them', repeated],
  ['all different', distinct],
]) {
  process.stderr.write(`Replaying ${actions} actions, ${load}.\n`);
  results.push({ load, ...(await measure(generate, policy)) });
}
process.stderr.write(
  results
    .map(
      ({ load, seconds, perSecond, serviceHeldP99Ms }) =>
        `${load.padEnd(24)} ${String(seconds).padStart(7)} s ${String(perSecond).padStart(9)}/s   service held p99 ${serviceHeldP99Ms} ms   (aim ≤ 60 s for a million)\n`,
    )
    .join(''),
);
process.stdout.write(`${JSON.stringify({ simulate: results })}\n`);
