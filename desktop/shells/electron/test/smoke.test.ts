import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { findElectronBinary } from '../src/index.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const electron = findElectronBinary(process.env);
const hasDisplay = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);

describe('findElectronBinary', () => {
  it('says that the binary is not here when the package has none, and never fetches it', () => {
    const found = findElectronBinary({}, () => '/nowhere');

    expect(found).toEqual({ available: false, reason: expect.stringContaining("Electron's binary is not here") });
  });

  it('names the path that was given and does not exist', () => {
    const found = findElectronBinary({ STEWARD_ELECTRON: '/nowhere/electron' });

    expect(found).toEqual({ available: false, reason: expect.stringContaining('/nowhere/electron') });
  });
});

describe('Electron itself', () => {
  it(
    electron.available ? 'loads the window and ends cleanly when asked' : `is not started: ${electron.reason}`,
    async () => {
      if (!electron.available || !hasDisplay) {
        const reason = electron.available ? 'there is no display' : electron.reason;
        expect(reason).toMatch(/Electron's binary is not here|there is no display/);
        return;
      }
      const home = await mkdtemp(join(tmpdir(), 'steward-electron-'));
      try {
        spawnSync(
          process.execPath,
          [join(root, 'tools/build.mjs'), '--only', 'electron-main', '--only', 'electron-preload'],
          { cwd: root },
        );
        await mkdir(join(home, 'run'), { recursive: true });
        const stackFile = join(home, 'run', 'stack.json');
        await writeFile(
          stackFile,
          JSON.stringify({ services: {}, issuer: 'http://127.0.0.1:9', home, runtime: { command: ['node'], env: {} } }),
        );
        const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
        const child = spawn(electron.path, [...sandbox, '--disable-gpu', join(root, 'dist/electron/main.js')], {
          env: { ...process.env, STEWARD_STACK_FILE: stackFile, STEWARD_HOME: home },
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let stderr = '';
        child.stderr.on('data', (chunk: Buffer) => {
          stderr += chunk.toString();
          if (stderr.includes('The window has loaded.')) child.kill('SIGTERM');
        });
        const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
        expect({ code, loaded: stderr.includes('The window has loaded.') }).toEqual({ code: 0, loaded: true });
      } finally {
        await rm(home, { recursive: true, force: true });
      }
    },
  );
});
