/**
 * `npm run soak -- --steps N`: one runtime process works through N steps (2,000) of reads, edits and commands in one
 * conversation. Memory, after a collection, and open file descriptors are sampled every 50 steps; after the first
 * quarter the line through the samples must be flat within its noise. Then 50 MB of output go through the tools in
 * processes of their own. Prints tables and ends with `N passed, N failed`. Linux only: descriptors and resident memory are read from /proc.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSource } from './bench/load-source.mjs';
import { startRpcProcess } from './bench/rpc-process.mjs';
import { startScriptedModel } from './bench/scripted-model.mjs';
import { startStack, tokenFor } from './bench/stack.mjs';
import { checkNode, ensureBuilt, ensureInstalled } from './setup.mjs';
import { fitLine, isFlat } from './soak/fit-line.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const at = process.argv.indexOf('--steps');
const steps = at > 0 ? Number(process.argv[at + 1]) : 2_000;
const every = 50;
/** Steps of one task; a task may have 1,000 at most. */
const taskSteps = 500;
const kilobyte = 1024;

if (process.platform !== 'linux') {
  process.stderr.write('The soak reads /proc and runs on Linux only.\n');
  process.exit(1);
}
if (!Number.isSafeInteger(steps) || steps < every * 8) {
  process.stderr.write(`--steps must be a whole number of at least ${every * 8}.\n`);
  process.exit(1);
}

/** The call of each step: look, change there and back, look by a command. */
function callAt(step) {
  const turn = Math.floor((step - 1) / 3);
  if (step % 3 === 1) return { tool: 'ReadFile', args: { path: 'notes.txt' } };
  if (step % 3 === 0) return { tool: 'RunCommand', args: { command: 'cat notes.txt' } };
  const words = ['state: even', 'state: odd'];
  const [oldText, newText] = turn % 2 === 0 ? words : words.toReversed();
  return { tool: 'EditFile', args: { path: 'notes.txt', oldText, newText } };
}

async function soak(stack, model, project) {
  const { runtime } = stack.ready;
  const { module, remove } = await loadSource({ file: 'desktop/host/src/runtime/runtime-environment.ts' });
  remove();
  // As the desktop starts it.
  const env = module.runtimeEnvironment(process.env, {
    ...runtime.env,
    LLM_GATEWAY_ENDPOINT: model.endpoint,
    LLM_GATEWAY_AUTH_TOKEN: 'soak',
    STEWARD_MODEL: 'steward-demo',
  });
  const flags = ['--expose-gc', '--import', join(root, 'tools/soak/sampler.mjs')];
  const rpc = startRpcProcess([process.execPath, ...flags, ...runtime.command.slice(1)], env, { ask: true });
  try {
    await rpc.call('initialize', {
      protocolVersion: 1,
      clientInfo: { name: 'soak', version: '1.0.0' },
      capabilities: {},
      credentials: { accessToken: tokenFor(stack.ready.home) },
    });
    rpc.notify('initialized');
    const { sessionId } = await rpc.call('CreateSession', {
      executionEnvironment: 'desktop',
      workspaceHint: { localPaths: [project] },
      clientInfo: { desktopAppVersion: '0.1.0', localAgentHostVersion: '0.1.0', osFamily: 'Linux' },
      supportedCapabilities: ['File.Read', 'File.Write', 'Shell.Exec', 'LLM.Call'],
    });
    const samples = [];
    for (let done = 0; done < steps; done += taskSteps) {
      const count = Math.min(taskSteps, steps - done);
      model.arm({
        steps: count,
        at: async (step) => {
          const overall = done + step;
          if (overall % every === 0) {
            const { heapUsed, external } = await rpc.ask('memory');
            const sample = {
              step: overall,
              heap: heapUsed,
              external,
              rss: rpc.memoryMb() * kilobyte * kilobyte,
            };
            samples.push({ ...sample, descriptors: rpc.descriptors() });
            process.stderr.write(`\rStep ${overall} of ${steps}`);
          }
          return callAt(overall);
        },
      });
      const ended = rpc.event('task_completed', 'task_failed', 'session_paused', 'approval_requested');
      await rpc.call('StartTask', { sessionId, prompt: 'go', taskOptions: { maxSteps: count + 10 } });
      const end = await ended;
      if (end.eventType !== 'task_completed') throw new Error(`A task ended with ${JSON.stringify(end)}`);
    }
    return samples;
  } finally {
    await rpc.stop();
  }
}

checkNode();
await ensureInstalled();
await ensureBuilt();
const home = mkdtempSync(join(tmpdir(), 'steward-soak-home-'));
const project = mkdtempSync(join(tmpdir(), 'steward-soak-project-'));
// As long as an output may be that stays in the thread whole, so that the context window, which is the most of a thread
// that memory holds, is full at the end of the warm-up. This model counts few tokens, so the window takes 3 MB.
writeFileSync(join(project, 'notes.txt'), `state: even\n${'A short note.\n'.repeat(660)}`);
const model = await startScriptedModel();
const stack = await startStack(home, { stackOnly: true, stderr: 'inherit' });
let samples;
try {
  samples = await soak(stack, model, project);
} finally {
  model.close();
  await stack.stop();
  for (const folder of [home, project]) rmSync(folder, { recursive: true, force: true });
}

const megabytes = (bytes) => (bytes / kilobyte / kilobyte).toFixed(1);
const table = [['step', 'heap MB', 'external MB', 'resident MB', 'descriptors']];
for (const { step, heap, external, rss, descriptors } of samples)
  table.push([step, megabytes(heap), megabytes(external), megabytes(rss), descriptors]);
process.stdout.write(`\n${table.map((row) => row.map((cell) => String(cell).padStart(20)).join('')).join('\n')}\n\n`);

const warm = samples.filter(({ step }) => step > steps / 4);
let failed = 0;
const lines = [
  // Apart, since buffers come and go by megabytes and would hide what the heap gains.
  ['heap, bytes per step', 'heap', kilobyte],
  ['external, bytes per step', 'external', kilobyte],
  ['resident, bytes per step', 'rss', kilobyte],
  ['descriptors per step', 'descriptors', 0],
];
for (const [name, field, bound] of lines) {
  const line = fitLine(warm.map((sample) => [sample.step, sample[field]]));
  const flat = isFlat(line, bound);
  if (!flat) failed += 1;
  const [slope, low, high] = [line.slope, line.low, line.high].map((value) => value.toFixed(bound === 0 ? 4 : 0));
  process.stdout.write(`${flat ? 'flat' : 'GROWS'}  ${name}: ${slope} (95 %: ${low} to ${high})\n`);
}

const script = join(root, 'tools/soak/large-output.mjs');
function measureLarge(kind, size) {
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', script, kind, String(size)], {
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(`The large output could not be measured: ${stderr}`);
  return JSON.parse(stdout);
}
const whole = 50_000_000;
const part = measureLarge('command', whole / 4);
const command = measureLarge('command', whole);
const tooLarge = measureLarge('file', whole);
const largest = measureLarge('file', 10_000_000);
const bound = 32 * kilobyte * kilobyte;
const checks = [
  ['50 MB of a command: peak of heap + external, MB, at most 32', command.peakGrowth, command.peakGrowth <= bound],
  ['50 MB of a command: whole artifact, MB', command.artifactBytes, command.artifactBytes === whole],
  ['50 MB of a command: shown, MB', command.outputBytes, command.headShare === 0.8 && command.outputBytes < 31_000],
  [
    'a file of 50 MB is refused unread: peak, MB',
    tooLarge.peakGrowth,
    tooLarge.error === 'FILE_TOO_LARGE' && tooLarge.peakGrowth < bound / 8,
  ],
  [
    'a file of 10 MB, the largest that is read: peak, MB, at most 64',
    largest.peakGrowth,
    largest.status === 'succeeded' && largest.peakGrowth <= 2 * bound,
  ],
];
for (const [name, bytes, good] of checks)
  process.stdout.write(`${good ? 'holds' : 'FAILS'} ${name}: ${(bytes / 1e6).toFixed(2)}\n`);
const linear = command.ms <= part.ms * 8;
process.stdout.write(
  `${linear ? 'holds' : 'FAILS'} four times the output, at most eight times the time: ${part.ms} ms, ${command.ms} ms\n`,
);
failed += checks.filter(([, , good]) => !good).length + (linear ? 0 : 1);
process.stdout.write(`${lines.length + checks.length + 1 - failed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
