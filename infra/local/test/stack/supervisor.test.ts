import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isHealthy } from '../../src/stack/health.ts';
import { machinePorts } from '../../src/stack/ports.ts';
import type { ProcessSpec } from '../../src/stack/process-spec.ts';
import { Supervisor } from '../../src/stack/supervisor.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Real processes and sockets: a busy machine must not turn a slow answer into a failure.
/** Answers on its port, notes its start and its end in a file, ends itself when asked at /crash. */
const PROGRAM = `
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';

const note = (what) => appendFileSync(process.env.NOTES, what + ' ' + process.env.NAME + '\\n');
createServer((request, response) => {
  if (request.url === '/crash') process.exit(7);
  response.end('ok');
}).listen(Number(process.env.PORT), '127.0.0.1', () => note('start'));
process.on('SIGTERM', () => { note('stop'); process.exit(0); });
`;

interface Bench {
  readonly supervisor: Supervisor;
  readonly reports: string[];
  readonly reported: (part: string) => Promise<void>;
  readonly notes: () => string[];
  readonly spec: (name: string, after?: readonly string[], program?: string) => Promise<ProcessSpec>;
}

function bench(): Bench {
  const folder = temporaryFolder();
  const reports: string[] = [];
  const waiting: { part: string; resolve: () => void }[] = [];
  writeFileSync(join(folder, 'notes'), '');
  const supervisor = new Supervisor({
    logFolder: folder,
    report: (sentence) => {
      reports.push(sentence);
      for (const entry of waiting) if (sentence.includes(entry.part)) entry.resolve();
    },
    pidsChanged: () => undefined,
    now: () => 0,
  });
  return {
    supervisor,
    reports,
    reported: (part) => new Promise((resolve) => waiting.push({ part, resolve })),
    notes: () => readFileSync(join(folder, 'notes'), 'utf8').trim().split('\n'),
    spec: async (name, after = [], program = PROGRAM) => {
      const file = join(folder, `${name}.mjs`);
      writeFileSync(file, program);
      const port = await machinePorts.freePort();
      return {
        name,
        command: process.execPath,
        args: [file],
        env: { PORT: String(port), NAME: name, NOTES: join(folder, 'notes') },
        health: { url: `http://127.0.0.1:${port}/` },
        address: `port ${port}`,
        after,
      };
    },
  };
}

describe('the supervisor', () => {
  it('starts what others need first, and stops in reverse', async () => {
    const { supervisor, spec, notes } = bench();
    const [first, second, third] = [
      await spec('first'),
      await spec('second', ['first']),
      await spec('third', ['second']),
    ];

    await Promise.all([first, second, third].map((one) => supervisor.start(one)));
    await supervisor.stop();

    expect(notes()).toEqual(['start first', 'start second', 'start third', 'stop third', 'stop second', 'stop first']);
  });

  it('restarts a process that crashed after it had answered', async () => {
    const { supervisor, spec, reported, notes } = bench();
    const process = await spec('service');
    await supervisor.start(process);
    const crashed = reported('service ended unexpectedly (exit code 7)');

    await isHealthy({ url: process.health.url.replace(/\/$/, '/crash') });
    await crashed;
    while (!(await isHealthy(process.health))) await new Promise((resolve) => setImmediate(resolve));
    await supervisor.stop();

    expect(notes()).toEqual(['start service', 'start service', 'stop service']);
  });

  it('fails the start in one sentence when a process ends before it answers, and stops the others', async () => {
    const { supervisor, spec, notes } = bench();
    await supervisor.start(await spec('good'));

    const attempt = supervisor.start(await spec('bad', [], 'process.exit(4)'));

    await expect(attempt).rejects.toThrow(/^bad ended with exit code 4\. The reason is in .*bad\.log\.$/);
    await supervisor.stop();
    expect(notes()).toEqual(['start good', 'stop good']);
  });

  it('does not start what depends on a failed process', async () => {
    const { supervisor, spec, notes } = bench();
    const [bad, dependent] = [await spec('bad', [], 'process.exit(4)'), await spec('dependent', ['bad'])];

    const attempts = await Promise.allSettled([supervisor.start(bad), supervisor.start(dependent)]);
    await supervisor.stop();

    expect(attempts.map((attempt) => attempt.status)).toEqual(['rejected', 'rejected']);
    expect(notes()).toEqual(['']);
  });

  it('replaces a process on request', async () => {
    const { supervisor, spec, reports, notes } = bench();
    await supervisor.start(await spec('service'));

    await supervisor.replace('service');
    await supervisor.stop();

    expect(notes()).toEqual(['start service', 'stop service', 'start service', 'stop service']);
    expect(reports.at(-1)).toBe('service restarted');
  });
});
