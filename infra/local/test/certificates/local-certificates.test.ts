import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { ensureLocalCertificates } from '../../src/certificates/local-certificates.ts';
import type { LocalCertificates } from '../../src/certificates/local-certificates.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steward-certificates-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const NOW = new Date();
const DAY_MS = 24 * 60 * 60 * 1000;

async function handshake(files: LocalCertificates, servername?: string): Promise<boolean> {
  const [ca, cert, key] = await Promise.all(
    [files.caFile, files.certFile, files.keyFile].map((file) => readFile(file)),
  );
  const server = createServer({ cert, key }, (socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise<boolean>((resolve, reject) => {
      const socket = connect(
        { host: '127.0.0.1', port, ca, ...(servername === undefined ? {} : { servername }) },
        () => {
          resolve(socket.authorized);
          socket.end();
        },
      );
      socket.on('error', reject);
    });
  } finally {
    server.close();
  }
}

async function contents(files: LocalCertificates): Promise<string[]> {
  return Promise.all([files.caFile, files.certFile, files.keyFile].map((file) => readFile(file, 'utf8')));
}

describe('the local certificates', () => {
  it.each([undefined, 'localhost'])(
    'are accepted by a client that trusts the authority (server name %s)',
    async (name) => {
      const files = await ensureLocalCertificates(folder, NOW);

      expect(await handshake(files, name)).toBe(true);
    },
  );

  it('are refused for any other name', async () => {
    const files = await ensureLocalCertificates(folder, NOW);

    await expect(handshake(files, 'example.com')).rejects.toThrow(/does not match/);
  });

  it('are kept while they are valid', async () => {
    const first = await contents(await ensureLocalCertificates(folder, NOW));

    const second = await contents(await ensureLocalCertificates(folder, new Date(NOW.getTime() + 300 * DAY_MS)));

    expect(second).toEqual(first);
  });

  it('are renewed by the same authority before they expire', async () => {
    const [ca, cert] = await contents(await ensureLocalCertificates(folder, NOW));

    const [laterCa, laterCert] = await contents(
      await ensureLocalCertificates(folder, new Date(NOW.getTime() + 380 * DAY_MS)),
    );

    expect({ sameCa: laterCa === ca, sameCert: laterCert === cert }).toEqual({ sameCa: true, sameCert: false });
  });

  it('are made anew when a file is damaged', async () => {
    const files = await ensureLocalCertificates(folder, NOW);
    await writeFile(files.caFile, 'damaged');

    await ensureLocalCertificates(folder, NOW);

    expect(await handshake(files)).toBe(true);
  });

  it('keep their keys to their owner', async () => {
    await ensureLocalCertificates(folder, NOW);

    const modes = await Promise.all(
      ['ca-key.pem', 'services-key.pem'].map(async (file) => (await stat(join(folder, file))).mode & 0o777),
    );

    expect(modes).toEqual([0o600, 0o600]);
  });
});
