import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { WebSocket } from 'ws';
import { ask, get, openBridge, startTestShell } from './support.ts';
import type { TestShell } from './support.ts';

describe('the web shell', () => {
  let test: TestShell;
  const sockets: WebSocket[] = [];

  const bridge = async (): Promise<WebSocket> => {
    const socket = await openBridge(`${test.origin.replace('http', 'ws')}/bridge`, {
      origin: test.origin,
      cookie: await test.launch(),
    });
    if (typeof socket === 'number') throw new Error(`The bridge answered ${socket}.`);
    sockets.push(socket);
    return socket;
  };

  beforeEach(async () => {
    test = await startTestShell();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate();
    await test.remove();
  });

  describe('the launch link', () => {
    it('admits a browser once, with a cookie that no script and no other site can use', async () => {
      const link = test.shell.launchUrl();

      const first = await fetch(link, { redirect: 'manual' });
      const second = await fetch(link, { redirect: 'manual' });

      expect([first.status, first.headers.get('location')]).toEqual([303, '/']);
      expect(first.headers.get('set-cookie')).toMatch(
        /^steward_window_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
      );
      expect([second.status, second.headers.get('set-cookie')]).toEqual([403, null]);
    });

    it('leaves the next link’s secret in a file of its owner only', async () => {
      const file = join(test.home, 'run', 'launch-token');
      await test.launch();

      const next = (await readFile(file, 'utf8')).trim();
      const answer = await fetch(`${test.origin}/?launch=${next}`, { redirect: 'manual' });

      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(answer.status).toBe(303);
    });

    it('lets only one of two simultaneous uses pass', async () => {
      const link = test.shell.launchUrl();

      const answers = await Promise.all([fetch(link, { redirect: 'manual' }), fetch(link, { redirect: 'manual' })]);

      expect(answers.map((answer) => answer.status).sort()).toEqual([303, 403]);
    });

    it.each(['', 'x', 'a&launch=b'])('refuses the wrong secret "%s"', async (secret) => {
      const answer = await fetch(`${test.origin}/?launch=${secret}`, { redirect: 'manual' });

      expect([answer.status === 303, answer.headers.get('set-cookie')]).toEqual([false, null]);
    });
  });

  describe('pages', () => {
    it('shows the app to an admitted browser only', async () => {
      const cookie = await test.launch();

      const [without, within] = await Promise.all([
        fetch(`${test.origin}/`),
        fetch(`${test.origin}/`, { headers: { cookie } }),
      ]);

      expect([without.status, await without.text()]).toEqual([401, expect.stringContaining('launch-token')]);
      expect([within.status, await within.text()]).toEqual([200, expect.stringContaining('<title>Steward</title>')]);
    });

    it('sends a strict content security policy with every answer', async () => {
      const answers = await Promise.all([
        fetch(`${test.origin}/`),
        fetch(`${test.origin}/healthz`),
        fetch(`${test.origin}/missing.js`),
      ]);

      for (const answer of answers) {
        expect(Object.fromEntries(answer.headers)).toMatchObject({
          'content-security-policy': `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self' ws://127.0.0.1:${test.shell.port} ws://localhost:${test.shell.port}; base-uri 'none'; form-action 'self' http://127.0.0.1:9; frame-ancestors 'none'`,
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cross-origin-opener-policy': 'same-origin',
        });
      }
    });

    it('lets hashed files be kept for ever and the page itself be asked for again', async () => {
      const cookie = await test.launch();

      const [asset, page, missing] = await Promise.all(
        ['/assets/index-abc123.js', '/conversations', '/assets/../../tokens.key'].map((path) =>
          get(test.shell.port, path, { host: `127.0.0.1:${test.shell.port}`, cookie }),
        ),
      );

      expect(asset?.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(page?.headers['cache-control']).toBe('no-cache');
      expect(missing?.status).toBe(404);
    });

    it('answers its own address only, and sends localhost to the one name', async () => {
      const { port } = test.shell;

      const foreign = await get(port, '/', { host: 'evil.example' });
      const local = await get(port, '/?launch=x', { host: `localhost:${port}` });
      const form = await get(port, '/', { host: `127.0.0.1:${port}`, origin: 'http://evil.example' }, 'POST');

      expect([foreign.status, form.status]).toEqual([421, 403]);
      expect([local.status, local.headers['location']]).toEqual([307, `${test.origin}/?launch=x`]);
    });
  });

  describe('the bridge', () => {
    it('refuses foreign pages, foreign hosts and browsers that were not admitted', async () => {
      const cookie = await test.launch();
      const url = `${test.origin.replace('http', 'ws')}/bridge`;
      const host = `127.0.0.1:${test.shell.port}`;

      const answers = await Promise.all([
        openBridge(url, { origin: 'http://evil.example', cookie }),
        openBridge(url, { cookie }),
        openBridge(url, { origin: test.origin, host: 'evil.example', cookie }),
        openBridge(url, { origin: test.origin, host }),
        openBridge(url, { origin: test.origin, host, cookie: `${cookie}x` }),
        openBridge(`${url}/other`, { origin: test.origin, cookie }),
      ]);

      expect(answers).toEqual([403, 403, 421, 401, 401, 404]);
    });

    it('answers calls by their id', async () => {
      const socket = await bridge();

      const answer = await ask(socket, { id: 7, name: 'getSnapshot', params: {} });

      expect(answer).toMatchObject({
        id: 7,
        ok: true,
        result: { shell: 'web', appVersion: '1.2.3', identity: { state: 'signed_out' } },
      });
    });

    it('refuses what is no call, unknown calls and wrong params, and lives on', async () => {
      const socket = await bridge();

      const answers = [
        await ask(socket, 'not json'),
        await ask(socket, { name: 'getSnapshot' }),
        await ask(socket, { id: 1, name: 'constructor', params: {} }),
        await ask(socket, { id: 2, name: 'startTask', params: { sessionId: 'x', prompt: 'y' } }),
        await ask(socket, { id: 3, name: 'getSnapshot' }),
      ];

      expect(
        answers.map((answer) => [answer['id'], answer['ok'], (answer['error'] as { code?: string } | undefined)?.code]),
      ).toEqual([
        [null, false, 'INVALID_REQUEST'],
        [null, false, 'INVALID_REQUEST'],
        [1, false, 'INVALID_REQUEST'],
        [2, false, 'INVALID_REQUEST'],
        [3, true, undefined],
      ]);
    });

    it('tells every window what changes', async () => {
      const windows = [await bridge(), await bridge()];
      const heard = windows.map(
        (socket) =>
          new Promise((resolve) =>
            socket.on(
              'message',
              (data) => String(data).includes('"theme":"dark"') && String(data).includes('"event"') && resolve(true),
            ),
          ),
      );

      await ask(windows[0] as WebSocket, { id: 1, name: 'setSettings', params: { settings: { theme: 'dark' } } });

      await expect(Promise.all(heard)).resolves.toEqual([true, true]);
    });

    it('tells the windows that it goes away', async () => {
      const socket = await bridge();
      const closed = new Promise((resolve) => socket.once('close', resolve));

      await test.shell.stop();

      await expect(closed).resolves.toBe(1001);
    });
  });
});
