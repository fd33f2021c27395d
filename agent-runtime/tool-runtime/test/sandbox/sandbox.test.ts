import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { createFixture, type Fixture } from '../fixture.ts';

const probe = createFixture({ sandbox: 'auto' });
const state = await probe.runtime.sandboxState();
await probe.remove();

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

const fixtures: Fixture[] = [];
function make(overrides: Parameters<typeof createFixture>[0]): Fixture {
  const fixture = createFixture(overrides);
  fixtures.push(fixture);
  return fixture;
}
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.remove();
});

if (state.kind === 'bubblewrap') {
  describe('Commands inside bubblewrap (installed here)', () => {
    it('write to the folders of the walls and nowhere else', async () => {
      const fixture = make({ sandbox: 'auto' });
      writeFileSync(path.join(fixture.home, 'profile'), 'kept');

      const outcome = await fixture.run('RunCommand', {
        command: `echo in > inside.txt; echo x > ${fixture.home}/profile; echo x > /etc/steward-test; rm -rf ${fixture.root}/home; echo t > /tmp/private && cat /tmp/private`,
      });

      expect(readFileSync(path.join(fixture.project, 'inside.txt'), 'utf8')).toBe('in\n');
      expect(readFileSync(path.join(fixture.home, 'profile'), 'utf8')).toBe('kept');
      expect(outcome.outputText).toMatch(/t\n$/);
      expect(outcome.outputText).toMatch(/\/etc\/steward-test: Read-only file system/);
    });

    it('do not see secrets of the home folder nor the state of the session', async () => {
      const fixture = make({ sandbox: 'auto', walls: { readRoots: ['/'] } });
      mkdirSync(path.join(fixture.home, '.ssh'));
      writeFileSync(path.join(fixture.home, '.ssh/id'), 'SECRET');
      writeFileSync(path.join(fixture.home, '.netrc'), 'SECRET');
      writeFileSync(path.join(fixture.state, 'journal'), 'SECRET');

      const outcome = await fixture.run('RunCommand', {
        command: `cat ${fixture.home}/.ssh/id ${fixture.home}/.netrc ${fixture.state}/journal; ls -A ${fixture.state}`,
      });

      expect(outcome.outputText).not.toContain('SECRET');
    });

    it('reach no network but through the egress proxy, which asks the walls', async () => {
      const server = createServer((_, response) => response.end('reached'));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const direct = `node -e "fetch('http://127.0.0.1:${port}').then(r=>r.text()).then(console.log,()=>console.log('no network'))"`;
      const byProxy = `node -e "
        const http = require('node:http'); const proxy = new URL(process.env.HTTP_PROXY);
        http.get({ host: proxy.hostname, port: proxy.port, path: 'http://127.0.0.1:${port}/' }, (r) => r.on('data', (d) => console.log(r.statusCode, String(d))))"`;
      const open = { network: true, allowAddress: () => true };

      const outputs = [
        await make({ sandbox: 'auto' }).run('RunCommand', { command: direct }),
        await make({ sandbox: 'auto', walls: open }).run('RunCommand', {
          command: direct.replace('node', 'env NODE_USE_ENV_PROXY= node'),
        }),
        await make({ sandbox: 'auto', walls: open }).run('RunCommand', { command: byProxy }),
        await make({ sandbox: 'auto', walls: { network: true } }).run('RunCommand', { command: byProxy }),
      ].map(({ outputText }) => outputText);
      server.close();

      expect(outputs).toEqual([
        'no network\n',
        'no network\n',
        '200 reached\n',
        expect.stringMatching(/^403 Network.Http does not reach 127.0.0.1: its address 127.0.0.1 is not allowed/),
      ]);
    });

    it('can not mount or see other processes', async () => {
      const fixture = make({ sandbox: 'auto' });

      const mount = await fixture.run('RunCommand', { command: 'mount -t tmpfs x /mnt' });
      const processes = await fixture.run('RunCommand', { command: `ls /proc | grep -x ${process.pid}` });

      expect(mount.status).toBe('failed');
      expect(processes.outputText).toBe('');
    });

    it('leave nothing alive, whatever they do to get away', async () => {
      const fixture = make({ sandbox: 'auto' });
      const name = `sleep ${100_000 + process.pid}`;

      await fixture.run('RunCommand', { command: `env -i setsid sh -c '${name} & ${name}' >/dev/null 2>&1 & true` });

      const alive = readdirSync('/proc').filter(
        (entry) => /^\d+$/.test(entry) && commandLineOf(entry).startsWith(name),
      );
      expect(alive).toEqual([]);
    });

    it('start in a folder that may only be read', async () => {
      const fixture = make({ sandbox: 'auto', walls: { writeRoots: [] } });
      writeFileSync(path.join(fixture.project, 'a.txt'), 'content\n');

      const outcome = await fixture.run('RunCommand', { command: 'cat a.txt && echo x > b.txt' });

      expect(outcome.outputText).toMatch(/^content\n.*Read-only file system\n$/);
    });

    it('say in plain words that a program does not exist', async () => {
      const outcome = await make({ sandbox: 'auto' }).run('RunCommand', { command: 'no-such-program' });

      expect(outcome).toMatchObject({ exitCode: 127, outputText: 'no-such-program: command not found\n' });
    });

    it('are stopped by a time-out like any other', async () => {
      const outcome = await make({ sandbox: 'auto' }).run('RunCommand', { command: 'sleep 1000', timeoutSeconds: 1 });

      expect(outcome.error?.code).toBe('TOOL_EXECUTION_TIMEOUT');
    });
  });
} else {
  describe(`Commands without an OS sandbox (${state.reason ?? ''})`, () => {
    it('run with the reason being told', async () => {
      const fixture = make({ sandbox: 'auto' });

      const outcome = await fixture.run('RunCommand', { command: 'echo ran' });

      expect(outcome.outputText).toBe('ran\n');
      expect(await fixture.runtime.sandboxState()).toEqual({ kind: 'none', reason: expect.any(String) });
    });
  });
}

describe('A machine without bubblewrap', () => {
  it('says so, and commands run without it', async () => {
    const fixture = make({ sandbox: 'auto', env: { PATH: '/nonexistent' }, platform: 'freebsd' });

    expect(await fixture.runtime.sandboxState()).toEqual({
      kind: 'none',
      reason: 'this platform has none that Steward uses',
    });
    expect((await fixture.run('RunCommand', { command: '/bin/echo ran' })).outputText).toBe('ran\n');
  });

  it('says when it is switched off', async () => {
    expect(await make({ sandbox: 'off' }).runtime.sandboxState()).toEqual({
      kind: 'none',
      reason: 'it is switched off',
    });
  });
});
