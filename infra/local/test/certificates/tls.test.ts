import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { createService, listen } from '@steward/service-kit';
import type { RunningService } from '@steward/service-kit';
import { createTestIssuer, silentLogger } from '@steward/service-kit/test-support';
import { ensureLocalCertificates } from '../../src/certificates/local-certificates.ts';
import type { LocalCertificates } from '../../src/certificates/local-certificates.ts';

let folder: string;
let files: LocalCertificates;
let ca: Buffer;
let running: RunningService;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steward-tls-'));
  files = await ensureLocalCertificates(folder, new Date());
  ca = await readFile(files.caFile);
  const { authenticate } = await createTestIssuer();
  const openApi = { info: { title: 'Nothing', version: '1.0.0' }, paths: {}, components: {} };
  const service = createService({ name: 'nothing', openApi, handlers: {}, authenticate, logger: silentLogger });
  running = await listen(service, {
    host: '127.0.0.1',
    port: 0,
    tls: { certFile: files.certFile, keyFile: files.keyFile },
  });
});
afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What a client and a service agree on; `refused` when they do not. */
function handshake(options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const port = Number(new URL(running.url).port);
    // Security level 0 lets the client offer what is outdated, so that the refusal is the service's.
    const ciphers = `${options.ciphers ?? 'DEFAULT'}:@SECLEVEL=0`;
    const socket = connect({ host: '127.0.0.1', port, ca, ...options, ciphers }, () => {
      resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
      socket.destroy();
    });
    socket.on('error', () => resolve('refused'));
  });
}

describe('a handshake with a service', () => {
  it.each<[string, ConnectionOptions, RegExp]>([
    ['TLS 1.3', { minVersion: 'TLSv1.3' }, /^TLSv1\.3 TLS_AES_256_GCM_SHA384$/],
    ['TLS 1.2', { maxVersion: 'TLSv1.2' }, /^TLSv1\.2 ECDHE-(ECDSA|RSA)-(AES128|AES256|CHACHA20)-/],
    ['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }, /^refused$/],
    ['TLS 1.0', { minVersion: 'TLSv1', maxVersion: 'TLSv1' }, /^refused$/],
    [
      'block ciphers',
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256' },
      /^refused$/,
    ],
    ['keys without forward secrecy', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }, /^refused$/],
    ['a small curve', { ecdhCurve: 'secp224r1', maxVersion: 'TLSv1.2' }, /^refused$/],
    ['an authority that is not the home’s', { ca: [] }, /^refused$/],
  ])('that offers %s ends as it should', async (_what, options, expected) => {
    expect(await handshake(options)).toMatch(expected);
  });
});

describe('the certificates of a home', () => {
  it('have keys that their owner alone can read', async () => {
    const keys = (await readdir(dirname(files.keyFile))).filter((name) => name.includes('key'));
    const modes = await Promise.all(
      keys.map(async (name) => (await stat(join(dirname(files.keyFile), name))).mode & 0o777),
    );

    expect([keys.length > 0, new Set(modes)]).toEqual([true, new Set([0o600])]);
  });
});
