import { describe, expect, it } from '@jest/globals';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PORT_NAMES, choosePorts } from '../../src/stack/ports.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function occupied(): Promise<{ port: number; release: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, release: () => new Promise((resolve) => server.close(() => resolve())) };
}

describe('choosing ports', () => {
  it('gives every name a port of its own and remembers them', async () => {
    const folder = temporaryFolder();

    const first = await choosePorts(folder, undefined);
    const second = await choosePorts(folder, undefined);

    expect(new Set(Object.values(first)).size).toBe(PORT_NAMES.length);
    expect(second).toEqual(first);
  });

  it('replaces only the remembered port that is taken', async () => {
    const folder = temporaryFolder();
    const first = await choosePorts(folder, undefined);
    const taken = await occupied();
    writeFileSync(join(folder, 'ports.json'), JSON.stringify({ ...first, policy: taken.port }));

    const second = await choosePorts(folder, undefined);
    await taken.release();

    expect({ ...second, policy: 0 }).toEqual({ ...first, policy: 0 });
    expect(second.policy).not.toBe(taken.port);
  });

  it('starts without a readable memory', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'ports.json'), '[1, "x"');

    const ports = await choosePorts(folder, undefined);

    expect(Object.keys(ports)).toEqual([...PORT_NAMES]);
  });

  it('says in one sentence that a wanted port is busy', async () => {
    const taken = await occupied();

    const attempt = choosePorts(temporaryFolder(), taken.port);

    await expect(attempt).rejects.toThrow(`Port ${taken.port} is in use by another program.`);
    await taken.release();
  });
});
