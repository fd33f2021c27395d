import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createFixture, type Fixture } from '../fixture.ts';

let fixture: Fixture;
beforeEach(() => {
  fixture = createFixture();
});
afterEach(() => fixture.remove());

/** Waits until a process has written its pid, then returns it. */
async function pidIn(file: string): Promise<number> {
  for (;;) {
    try {
      const pid = Number(readFileSync(path.join(fixture.project, file), 'utf8'));
      if (pid > 0) return pid;
    } catch {
      // Not written yet.
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

describe('RunCommand', () => {
  it('runs a simple command without a shell and others by the shell', async () => {
    const simple = await fixture.run('RunCommand', { command: "node -p 'process.argv0 + process.ppid'" });
    const piped = await fixture.run('RunCommand', { command: 'printf "b\\na\\n" | sort' });

    expect(simple.outputText).toBe(`node${process.pid}\n`);
    expect(piped).toMatchObject({ status: 'succeeded', exitCode: 0, outputText: 'a\nb\n' });
  });

  it('tells the exit code and keeps the output of a command that fails', async () => {
    const outcome = await fixture.run('RunCommand', { command: 'echo out; echo err >&2; exit 3' });

    expect(outcome).toMatchObject({
      status: 'failed',
      exitCode: 3,
      error: { code: 'TOOL_EXECUTION_FAILED', message: 'The command ended with exit code 3.' },
      provenance: { source: 'command_output', trust: 'untrusted' },
    });
    expect(outcome.outputText?.split('\n').sort()).toEqual(['', 'err', 'out']);
  });

  it('says in words when a program does not exist, and when the folder does not', async () => {
    const program = await fixture.run('RunCommand', { command: 'no-such-program --x' });
    const folder = await fixture.run('RunCommand', { command: 'true', cwd: 'missing' });

    expect(program).toMatchObject({ exitCode: 127, outputText: 'no-such-program: command not found\n' });
    expect(folder.error?.code).toBe('FILE_NOT_FOUND');
  });

  it('hands input to the command and nothing when there is none', async () => {
    const given = await fixture.run('RunCommand', { command: 'cat', stdin: 'typed\n' });
    const none = await fixture.run('RunCommand', { command: 'cat' });
    const unread = await fixture.run('RunCommand', { command: 'true', stdin: 'x'.repeat(1_000_000) });

    expect([given.outputText, none.outputText, unread.status]).toEqual(['typed\n', '', 'succeeded']);
  });

  it('passes a small environment without secrets', async () => {
    const outcome = await fixture.run('RunCommand', { command: 'env' });

    const names = (outcome.outputText ?? '').split('\n').map((line) => line.split('=')[0]);
    const others = names.filter(
      (name) => name !== '' && !/^GIT_CONFIG_(?:COUNT|NOSYSTEM|KEY|VALUE)|^GIT_ATTR_/.test(name ?? ''),
    );
    expect(others.sort()).toEqual([
      'GIT_PAGER',
      'GIT_TERMINAL_PROMPT',
      'HOME',
      'LANG',
      'NO_COLOR',
      'PAGER',
      'PATH',
      'STEWARD_TOOL_CALL',
      'TERM',
    ]);
  });

  it('streams output while the command runs', async () => {
    const parts: string[] = [];

    await fixture.run('RunCommand', { command: 'echo one; echo two' }, { onOutput: (text) => parts.push(text) });

    expect(parts.join('')).toBe('one\ntwo\n');
  });

  it('stops the whole tree on time-out, grandchildren in their own session and without environment included', async () => {
    const command =
      'setsid sh -c "echo \\$\\$ > one; exec sleep 1000" & env -i sh -c "echo \\$\\$ > two; sleep 1000 & wait"';

    const outcome = await fixture.run('RunCommand', { command, timeoutSeconds: 1 });

    const pids = await Promise.all([pidIn('one'), pidIn('two')]);
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'TOOL_EXECUTION_TIMEOUT' } });
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  it('stops the tree of a forced cancel, even when it ignores being asked', async () => {
    const quick = createFixture({ limits: { killGraceMs: 100 } });
    const force = new AbortController();
    const running = quick.run(
      'RunCommand',
      { command: `trap "" TERM; echo $$ > ${fixture.project}/pid; while :; do sleep 1; done` },
      { force: force.signal },
    );
    const pid = await pidIn('pid');

    force.abort();
    const outcome = await running;
    await quick.remove();

    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'TOOL_EXECUTION_FAILED', details: { cancelled: true } },
    });
    expect(isAlive(pid)).toBe(false);
  });

  it('stops with a forced cancel also what has left the group and the session of its command', async () => {
    const force = new AbortController();
    const running = fixture.run(
      'RunCommand',
      {
        command:
          'setsid sh -c "trap \'\' TERM; echo \\$\\$ > one; exec sleep 1000" & (sleep 1000 & echo $! > two); wait',
      },
      { force: force.signal },
    );
    const pids = [await pidIn('one'), await pidIn('two')];

    force.abort();
    const outcome = await running;

    expect(outcome).toMatchObject({ status: 'failed', error: { details: { cancelled: true } } });
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  it('lets a running command finish when the task is cancelled without force', async () => {
    const cancel = new AbortController();
    const running = fixture.run(
      'RunCommand',
      { command: 'echo $$ > pid; while [ ! -e go ]; do :; done; echo finished' },
      { signal: cancel.signal },
    );
    await pidIn('pid');

    cancel.abort();
    writeFileSync(path.join(fixture.project, 'go'), '');
    const outcome = await running;

    expect(outcome).toMatchObject({ status: 'succeeded', outputText: 'finished\n' });
  });

  it('ends what a command leaves running in the background and says so', async () => {
    const outcome = await fixture.run('RunCommand', { command: 'sleep 1000 & echo $! > pid; echo done' });

    expect(outcome.outputText).toBe('done\n\n[processes that the command left running were ended]');
    expect(isAlive(await pidIn('pid'))).toBe(false);
  });

  it('kills what is still alive when the runtime is disposed of', async () => {
    const running = fixture.run('RunCommand', { command: 'echo $$ > pid; sleep 1000' });
    const pid = await pidIn('pid');

    await fixture.runtime.dispose();
    await running;

    expect(isAlive(pid)).toBe(false);
  });

  it('bounds 50 MB of output in memory, shows head and tail, and keeps the whole as an artifact', async () => {
    const before = process.memoryUsage().rss;
    let peak = before;
    let live = 0;
    const program = `const b = Buffer.alloc(1048576, 'x'); process.stdout.write('FIRST\\n'); let i = 0; (function next() { if (i++ < 50) process.stdout.write(b, next); else process.stdout.write('\\nLAST\\n'); })();`;
    writeFileSync(path.join(fixture.project, 'big.cjs'), program);
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 10);

    const outcome = await fixture.run(
      'RunCommand',
      { command: 'node big.cjs' },
      { onOutput: (text) => (live += text.length) },
    );
    clearInterval(watch);

    const text = outcome.outputText ?? '';
    const [artifact] = fixture.artifacts;
    expect(outcome.status).toBe('succeeded');
    expect(text.startsWith('FIRST\n')).toBe(true);
    expect(text.endsWith('LAST\n')).toBe(true);
    expect(text).toMatch(/\n\[… \d+ of 52428812 bytes left out …\]\n/);
    expect(Buffer.byteLength(text)).toBeLessThan(31_000);
    expect(artifact).toMatchObject({ artifactType: 'tool_output', source: { kind: 'file', sizeBytes: 52_428_812 } });
    expect(outcome.artifactUris).toHaveLength(1);
    expect(live).toBeLessThan(1_000_000);
    expect(peak - before).toBeLessThan(60 * 1024 * 1024);
  });

  it('keeps no file for short output', async () => {
    await fixture.run('RunCommand', { command: 'echo short' });

    expect(readdirSync(fixture.state)).toEqual([]);
  });
});
