/**
 * What 50 MB of output cost a process: run as a process of its own with `command` or `file` as its argument, prints one
 * line of JSON. Parts are the real ones: tool runtime, spool, redaction of secrets.
 */
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSource } from '../bench/load-source.mjs';

const kind = process.argv[2];
const size = Number(process.argv[3] ?? 50_000_000);
const line = 'A line of sixty-three characters that says nothing of interest.\n';

const { module, remove } = await loadSource({
  text: `export { createToolRuntime } from './agent-runtime/tool-runtime/src/index.ts';
    export { createRedactor } from './agent-runtime/agent-host/src/model/redactor.ts';`,
});
const base = realpathSync(mkdtempSync(join(tmpdir(), 'steward-large-')));
// The runtime's own timers keep no process alive.
const alive = setInterval(() => undefined, 1_000);
try {
  const { createToolRuntime, createRedactor } = module;
  const [project, state] = ['project', 'state'].map((name) => join(base, name));
  for (const folder of [project, state]) mkdirSync(folder);
  let artifactBytes = 0;
  const tools = createToolRuntime({
    projectDir: project,
    stateDir: state,
    homeDir: homedir(),
    platform: process.platform,
    clock: { now: () => new Date(), monotonicMs: () => performance.now() },
    env: process.env,
    sandbox: 'off',
    uploadArtifact: ({ source }) => {
      artifactBytes = source.kind === 'file' ? statSync(source.path).size : source.bytes.length;
      return Promise.resolve({ artifactId: 'art_0', uri: 'artifact://art_0' });
    },
  });
  const redactor = createRedactor([], ['a-secret-that-never-comes'], []);
  const never = new AbortController().signal;
  // In pieces, so that the file is not in this process already when it is read.
  const piece = line.repeat(1_000);
  for (let left = kind === 'file' ? size : 0; left > 0; left -= piece.length)
    appendFileSync(join(project, 'large.txt'), piece.slice(0, left));
  const call =
    kind === 'file'
      ? { toolName: 'ReadFile', arguments: { path: 'large.txt' } }
      : { toolName: 'RunCommand', arguments: { command: `yes '${line.trim()}' | head -c ${size}` } };
  globalThis.gc?.();
  const before = process.memoryUsage();
  const peak = { heapUsed: 0, external: 0 };
  const look = () => {
    const now = process.memoryUsage();
    for (const field of ['heapUsed', 'external']) peak[field] = Math.max(peak[field], now[field]);
  };
  const timer = setInterval(look, 5);
  const started = performance.now();
  const outcome = await tools.execute(
    { toolCallId: 'tc_0', ...call, sessionId: '', taskId: '', stepId: '', actionDigest: '' },
    {
      signal: never,
      force: never,
      onOutput: () => undefined,
      findSecrets: (text) => redactor.find(text),
      walls: {
        checkPath: () => true,
        allowAddress: () => false,
        readRoots: [],
        writeRoots: [project],
        network: false,
        maxFileSizeBytes: size,
      },
    },
  );
  const ms = performance.now() - started;
  look();
  clearInterval(timer);
  globalThis.gc?.();
  const after = process.memoryUsage();
  const used = ({ heapUsed, external }) => heapUsed + external;
  process.stdout.write(
    `${JSON.stringify({
      status: outcome.status,
      ...(outcome.error === undefined ? {} : { error: outcome.error.code ?? outcome.error }),
      outputBytes: Buffer.byteLength(outcome.outputText ?? ''),
      // Of what is shown, the part before the marker of what is left out, in tenths.
      headShare: Math.round((10 * (outcome.outputText ?? '').search(/\n\[… /u)) / 30_000) / 10,
      artifactBytes,
      ms: Math.round(ms),
      peakGrowth: used(peak) - used(before),
      keptGrowth: used(after) - used(before),
      residentPeakGrowth: process.resourceUsage().maxRSS * 1024 - before.rss,
    })}\n`,
  );
  await tools.dispose();
} finally {
  clearInterval(alive);
  remove();
  rmSync(base, { recursive: true, force: true });
}
