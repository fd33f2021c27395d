/**
 * `npm run bench -- --simulate`: how long a simulation over recorded actions takes on the local stack, from the
 * administrator's request to the result. The actions lie in the embedded engine, are read by the Audit Service and are
 * replayed by the Policy Service, once event by event and once by packed hours; meanwhile other requests to both are timed. `--actions N` (1000000), `--keep FOLDER`
 * keeps the seeded data for the next run, `--alone` makes no other requests, so that a busy machine counts their processor
 * time to no simulation. Prints a table on stderr and JSON on stdout.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:https';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { span } from './recorded-events.mjs';
import { seedEvents } from './seed-events.mjs';
import { startStack, tokenFor } from './stack.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1] : fallback;
};
const actions = Number(option('actions', 1_000_000));
const say = (text) => process.stderr.write(`${text}\n`);
const work = mkdtempSync(join(tmpdir(), 'steward-bench-simulate-'));
const kept = option('keep', undefined);
const alone = process.argv.includes('--alone');

/** The seeded file and what is known of it, made now or in an earlier run. */
async function seeded() {
  const folder = kept ?? work;
  mkdirSync(folder, { recursive: true });
  const facts = join(folder, `events-${actions}.json`);
  const file = join(folder, `events-${actions}.sqlite`);
  if (!existsSync(facts)) {
    say(`Writing ${actions} recorded actions into the embedded engine.`);
    rmSync(file, { force: true });
    const distinct = await seedEvents(actions, work, file);
    writeFileSync(facts, JSON.stringify({ distinct }));
  }
  return { file, ...JSON.parse(readFileSync(facts, 'utf8')) };
}

function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1));
}

/** One request over a connection of its own client; resolves with the answer's JSON. */
function call(ready, token, method, url, body) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent = request(
      url,
      {
        method,
        ca: readFileSync(ready.caFile),
        headers: { authorization: `Bearer ${token}`, ...(text && { 'content-type': 'application/json' }) },
      },
      (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () => {
          const answer = Buffer.concat(parts).toString();
          if (response.statusCode >= 400) reject(new Error(`${method} ${url}: ${response.statusCode} ${answer}`));
          else resolve(JSON.parse(answer));
        });
      },
    );
    sent.on('error', reject);
    sent.end(text);
  });
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Other people's requests, one after the other with pauses, until told to stop. */
function otherRequests(ready, token) {
  const times = { policy: [], audit: [] };
  let going = !alone;
  const ask = async (name, url) => {
    while (going) {
      const started = performance.now();
      await call(ready, token, 'GET', url);
      times[name].push(performance.now() - started);
      await pause(100);
    }
  };
  const asked = Promise.all([
    ask('policy', `${ready.services.policy}/kill-switch`),
    ask('audit', `${ready.services.audit}/events?type=session_created&session=sess_00000000000000000000000000`),
  ]);
  return async () => {
    going = false;
    await asked;
    return Object.fromEntries(
      Object.entries(times).map(([name, list]) => [name, { p50: percentile(list, 0.5), p99: percentile(list, 0.99) }]),
    );
  };
}

/** Seconds of processor time of this process's descendants so far, by what they run; Linux only. */
function processorSeconds() {
  const seconds = {};
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
      const home = readFileSync(`/proc/${id}/environ`, 'utf8');
      if (!home.includes(work) && !words.some((word) => word.includes(work))) continue;
      const fields = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1].split(' ');
      const name = words.join(' ').match(/dynoxide|(?<=services\/)\w+(?=\.js)/)?.[0];
      if (name !== undefined) seconds[name] = (seconds[name] ?? 0) + (Number(fields[11]) + Number(fields[12])) / 100;
    } catch {
      // It ended meanwhile, or is somebody else's.
    }
  }
  return seconds;
}

async function measure({ ready }, token, content) {
  const { policy } = ready.services;
  const before = processorSeconds();
  const started = performance.now();
  const { simulationId } = await call(ready, token, 'POST', `${policy}/policy/simulate`, { ...span, content });
  const stopAsking = otherRequests(ready, token);
  let state;
  do {
    await pause(alone ? 2_000 : 250);
    state = await call(ready, token, 'GET', `${policy}/policy/simulations/${simulationId}`);
  } while (state.status === 'running');
  const seconds = (performance.now() - started) / 1000;
  const others = await stopAsking();
  const after = processorSeconds();
  if (state.status !== 'completed') throw new Error(`The simulation ended as ${state.status}: ${state.message}`);
  if (state.result.recorded !== actions)
    throw new Error(`Of ${actions} actions ${state.result.recorded} were counted.`);
  const spent = Object.entries(after).map(([name, at]) => [name, Number((at - (before[name] ?? 0)).toFixed(1))]);
  return {
    seconds: Number(seconds.toFixed(1)),
    perSecond: Math.round(actions / seconds),
    microseconds: Math.round((spent.reduce((sum, [, one]) => sum + one, 0) / actions) * 1e6),
    changed: state.result.changed,
    others,
    processorSeconds: Object.fromEntries(spent),
  };
}

function tell(how, { seconds, perSecond, microseconds, processorSeconds: spent, others }) {
  say(`
${how}
${actions} actions (${distinct} different) in ${seconds} s, ${perSecond}/s, ${microseconds} µs of processor time each
processor seconds ${JSON.stringify(spent)} on ${cpus().length} cores
other requests meanwhile, ms: ${JSON.stringify(others)}`);
}

const { file, distinct } = await seeded();
const home = join(work, 'home');
mkdirSync(join(home, 'data'), { recursive: true, mode: 0o700 });
copyFileSync(file, join(home, 'data', 'dynamodb.sqlite'));
// The check of chains would read everything beside the simulation, in the background of its own.
process.env.CHAIN_CHECK_SECONDS = '0';
const stack = await startStack(home, { stackOnly: true });
try {
  const token = tokenFor(home, 'carol');
  const content = JSON.parse(readFileSync(join(root, 'tools/bench/simulate-policy.json'), 'utf8'));
  const stopAsking = otherRequests(stack.ready, token);
  await pause(5_000);
  const quiet = await stopAsking();
  say(`Simulating over ${actions} recorded actions, ${distinct} of them different.`);
  // The events were not stored by the service, so that nothing is packed yet: the first reading packs it.
  const unpacked = await measure(stack, token, content);
  tell('event by event, and packed by the hour on the way', unpacked);
  const packed = await measure(stack, token, content);
  tell('packed by the hour, as events of the service are soon after each hour   (aim ≤ 60 s for a million)', packed);
  const result = { actions, distinct, unpacked, packed, othersBefore: quiet };
  say(`other requests before, ms: ${JSON.stringify(quiet)}`);
  process.stdout.write(`${JSON.stringify({ simulate: result })}\n`);
} finally {
  await stack.stop();
  rmSync(work, { recursive: true, force: true });
}
