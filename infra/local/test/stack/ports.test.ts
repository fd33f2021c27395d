import { describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PORT_NAMES, choosePorts, machinePorts } from '../../src/stack/ports.ts';
import type { PortProbe } from '../../src/stack/ports.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A machine where the given ports are busy and free ones count up from 50000, each offered twice. */
function machine(...busy: number[]): PortProbe {
  let offered = 0;
  return {
    isFree: (port) => Promise.resolve(!busy.includes(port)),
    freePort: () => Promise.resolve(50_000 + Math.floor(offered++ / 2)),
  };
}

describe('choosing ports', () => {
  it('gives every name a port of its own and remembers them', async () => {
    const folder = temporaryFolder();

    const first = await choosePorts(folder, undefined, machine());
    const second = await choosePorts(folder, undefined, machine());

    expect(Object.values(first)).toEqual(PORT_NAMES.map((_name, index) => 50_000 + index));
    expect(second).toEqual(first);
  });

  it('replaces only the remembered port that is taken', async () => {
    const folder = temporaryFolder();
    const remembered = Object.fromEntries(PORT_NAMES.map((name, index) => [name, 4100 + index]));
    writeFileSync(join(folder, 'ports.json'), JSON.stringify(remembered));

    const ports = await choosePorts(folder, undefined, machine(4105));

    expect(ports).toEqual({ ...remembered, policy: 50_000 });
  });

  it.each(['[1, "x"', '{"policy":"4100","app":-1,"audit":99999}', 'null'])(
    'starts with new ones when the memory is %s',
    async (content) => {
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'ports.json'), content);

      const ports = await choosePorts(folder, undefined, machine());

      expect(Object.keys(ports)).toEqual([...PORT_NAMES]);
      expect(Math.min(...Object.values(ports))).toBe(50_000);
    },
  );

  it('numbers them from the wanted one on', async () => {
    const ports = await choosePorts(temporaryFolder(), 4100, machine());

    expect(ports).toMatchObject({ app: 4100, identityProvider: 4101, tools: 4110 });
  });

  it('says in one sentence that a wanted port is busy', async () => {
    const attempt = choosePorts(temporaryFolder(), 4100, machine(4103));

    await expect(attempt).rejects.toThrow('Port 4103 is in use by another program.');
  });
});

describe('the ports of this machine', () => {
  it('are busy while somebody listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

    const free = await machinePorts.isFree((server.address() as AddressInfo).port);
    await new Promise((resolve) => server.close(resolve));

    expect(free).toBe(false);
  });
});
