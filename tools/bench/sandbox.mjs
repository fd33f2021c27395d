/** What walls cost: one command inside the sandbox beside the same command without, in turns. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSource } from './load-source.mjs';

/**
 * Milliseconds of single commands, after one of each that does not count; `sandboxed` is empty where there is no
 * sandbox.
 */
export async function measureSandbox(rounds = 60) {
  const { module, remove } = await loadSource({ file: 'agent-runtime/tool-runtime/src/index.ts' });
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'steward-bench-')));
  const [project, state] = ['project', 'state'].map((name) => join(base, name));
  for (const folder of [project, state]) mkdirSync(folder);
  const open = (sandbox) =>
    module.createToolRuntime({
      projectDir: project,
      stateDir: state,
      homeDir: homedir(),
      platform: process.platform,
      clock: { now: () => new Date(), monotonicMs: () => performance.now() },
      env: process.env,
      sandbox,
      uploadArtifact: () => Promise.reject(new Error('Nothing is kept here.')),
    });
  const walls = {
    checkPath: () => true,
    allowAddress: () => false,
    readRoots: [],
    writeRoots: [project],
    network: false,
  };
  const never = new AbortController().signal;
  const run = async (runtime) => {
    const started = performance.now();
    const outcome = await runtime.execute(
      {
        toolCallId: 'tc_0',
        toolName: 'RunCommand',
        arguments: { command: '/bin/true' },
        sessionId: '',
        taskId: '',
        stepId: '',
        actionDigest: '',
      },
      { signal: never, force: never, onOutput: () => undefined, walls },
    );
    if (outcome.status !== 'succeeded') throw new Error(`The command failed: ${JSON.stringify(outcome)}`);
    return performance.now() - started;
  };
  // The runtime's own timers keep no process alive.
  const alive = setInterval(() => undefined, 1_000);
  const runtimes = { plain: open('off'), sandboxed: open('auto') };
  try {
    const times = { plain: [], sandboxed: [] };
    const kinds = (await runtimes.sandboxed.sandboxState()).kind === 'none' ? ['plain'] : ['plain', 'sandboxed'];
    for (const kind of kinds) await run(runtimes[kind]);
    for (let round = 0; round < rounds; round++) for (const kind of kinds) times[kind].push(await run(runtimes[kind]));
    return times;
  } finally {
    clearInterval(alive);
    await Promise.all(Object.values(runtimes).map((runtime) => runtime.dispose()));
    rmSync(base, { recursive: true, force: true });
    remove();
  }
}
