import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Stack, plainEnvironment, root, runScript, temporaryFolder } from '../support/stack.ts';
import { serviceFetch } from '../support/services.ts';

describe('the one-machine stack', () => {
  const home = temporaryFolder('home');
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.start(home.path, { stackOnly: true });
  });
  afterAll(async () => {
    await stack.stop();
    home.cleanUp();
  });

  it('prints one ready line on stdout that names every part [start-1]', () => {
    expect(stack.ready).toEqual({
      ready: true,
      services: Object.fromEntries(
        ['session', 'policy', 'workspace', 'approval', 'audit', 'telemetry', 'tools'].map((name) => [
          name,
          expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+\/v1$/),
        ]),
      ),
      issuer: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      caFile: expect.stringContaining(home.path),
      gateway: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1$/),
      home: home.path,
      runtime: {
        command: ['node', expect.stringContaining('agent-runtime.js')],
        env: expect.objectContaining({ STEWARD_HOME: home.path }),
      },
    });
  });

  it('answers health and readiness of every service [start-1]', async () => {
    for (const url of Object.values(stack.ready.services)) {
      const origin = new URL(url).origin;
      expect((await serviceFetch(stack, `${origin}/healthz`)).status).toBe(200);
      expect((await serviceFetch(stack, `${origin}/readyz`)).status).toBe(200);
      expect((await serviceFetch(stack, `${origin}/openapi.json`)).json).toMatchObject({ openapi: '3.1.0' });
    }
  });

  it('prints an access token and nothing else [start-4]', () => {
    const stdout = execFileSync('npm', ['run', 'token', '--', '--user', 'alice', '--home', home.path], {
      cwd: root,
      encoding: 'utf8',
    });

    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const claims = JSON.parse(Buffer.from(stdout.split('.')[1]!, 'base64url').toString()) as object;
    expect(claims).toMatchObject({ sub: 'alice', tenant_id: 'acme', roles: ['user'], aud: 'urn:steward:api' });
  });

  it('says in one sentence who it does not know [start-4]', async () => {
    const { code, stdout, stderr } = await runScript('token.mjs', ['--user', 'nobody', '--home', home.path]);

    expect(code).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('puts a change of the policy into the tenant’s own audit stream, with who and why [audit-1]', async () => {
    const { policy, audit } = stack.ready.services;
    const body = { active: false, reason: 'A drill, now over.' };

    await serviceFetch(stack, `${policy}/kill-switch`, { method: 'PUT', token: await stack.token('carol'), body });

    const token = await stack.token('dave');
    const query = `${audit}/events?type=policy_changed`;
    let found: { items: unknown[] } = { items: [] };
    while (found.items.length === 0) found = (await serviceFetch(stack, query, { token })).json as typeof found;
    expect(found.items).toMatchObject([
      {
        streamType: 'tenant',
        userId: 'carol',
        component: 'PolicyService',
        payload: { change: 'kill_switch_off', version: 1, reason: 'A drill, now over.' },
      },
    ]);
  });

  it('refuses requests without a token and with one that is not for it [identity-2]', async () => {
    const routes = [
      `${stack.ready.services.session}/sessions`,
      `${stack.ready.services.workspace}/workspaces`,
      `${stack.ready.services.audit}/events`,
      `${stack.ready.services.tools}/tools`,
    ];
    for (const route of routes) {
      expect((await serviceFetch(stack, route)).status).toBe(401);
      expect((await serviceFetch(stack, route, { token: 'not.a.token' })).status).toBe(401);
    }
  });

  it('refuses a second start on the same home with one sentence [start-3]', async () => {
    const second = await runScript('start.mjs', ['--no-open', '--json', '--home', home.path]);

    expect(second.code).toBe(1);
    expect(second.stdout).toBe('');
    expect(second.stderr.trim().split('\n').at(-1)).toMatch(/already runs on/);
  });
});

describe('a stack that cannot start', () => {
  const folder = temporaryFolder('refused');
  afterAll(() => folder.cleanUp());

  const lastLine = (stderr: string) => stderr.trim().split('\n').at(-1) ?? '';

  it('says that a port is busy [start-3]', async () => {
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const { port } = busy.address() as AddressInfo;

    const { code, stdout, stderr } = await runScript('start.mjs', [
      '--no-open',
      '--json',
      '--port',
      String(Math.min(port, 65_500)),
      '--home',
      join(folder.path, 'busy'),
    ]);
    busy.close();

    expect([code, stdout]).toEqual([1, '']);
    expect(lastLine(stderr)).toMatch(new RegExp(`port ${port}`, 'i'));
  });

  it('says that its home cannot be written [start-3]', async () => {
    // A file where the folder should be refuses everybody, root too.
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    mkdirSync(join(folder.path, 'closed'));
    chmodSync(join(folder.path, 'closed'), 0o500);

    const { code, stderr } = await runScript('start.mjs', ['--no-open', '--home', join(file, 'home')]);

    expect(code).toBe(1);
    expect(lastLine(stderr)).toContain(file);
  });

  it('says that this Node is too old, before it needs anything else [start-3]', () => {
    const script = `Object.defineProperty(process.versions, 'node', { value: '18.20.0' }); import('./tools/start.mjs');`;

    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
      cwd: root,
      encoding: 'utf8',
      env: plainEnvironment(),
    });

    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe('Steward needs Node 20.19 or newer; this is Node 18.20.0. Install a newer Node.\n');
  });

  it('says what it does not understand and exits with 2 [start-3]', async () => {
    const { code, stderr } = await runScript('start.mjs', ['--colour']);

    expect(code).toBe(2);
    expect(lastLine(stderr)).toContain('--colour');
  });
});
