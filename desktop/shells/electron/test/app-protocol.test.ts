import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isAppUrl, mayOpenExternally } from '../src/app-address.ts';
import { createAppProtocol, fileFor } from '../src/app-protocol.ts';

describe('the app’s own scheme', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steward-app-'));
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), '<!doctype html>');
    await writeFile(join(folder, 'assets', 'a.js'), 'export {};');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('serves the built renderer with a strict policy', async () => {
    const serve = createAppProtocol(folder);

    const [page, view, script, missing, posted, foreign] = await Promise.all(
      [
        { method: 'GET', url: 'app://steward/' },
        { method: 'GET', url: 'app://steward/history' },
        { method: 'GET', url: 'app://steward/assets/a.js' },
        { method: 'GET', url: 'app://steward/assets/b.js' },
        { method: 'POST', url: 'app://steward/' },
        { method: 'GET', url: 'app://elsewhere/' },
      ].map(serve),
    );

    expect([page, view, script, missing, posted, foreign].map((answer) => answer?.status)).toEqual([
      200, 200, 200, 404, 404, 404,
    ]);
    expect([page, script].map((answer) => answer?.headers.get('content-type'))).toEqual([
      'text/html; charset=utf-8',
      'text/javascript; charset=utf-8',
    ]);
    expect(page?.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });

  it('never leaves its folder, whatever the address', () => {
    const piece = fc.oneof(
      fc.constantFrom('..', '.', '%2e%2e', '%2F', '%5c', '\\', '/', 'a.js', '%00', '%', 'etc'),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const file = fileFor('/srv/app', `app://steward/${pieces.join('/')}`);

        expect(file === undefined || file.startsWith('/srv/app/')).toBe(true);
      }),
    );
  });
});

describe('addresses', () => {
  it.each([
    ['app://steward/x', true],
    ['app://steward.evil/', false],
    ['app://user@steward/', false],
    ['https://steward/', false],
    ['nonsense', false],
  ])('knows whether %s is inside the app', (url, inside) => {
    expect(isAppUrl(url)).toBe(inside);
  });

  it.each([
    ['https://example.com/', true],
    ['http://127.0.0.1:4100/auth', true],
    ['http://127.0.0.1:4101/auth', false],
    ['http://example.com/', false],
    ['https://user:pass@example.com/', false],
    ['file:///etc/passwd', false],
    ['javascript:alert(1)', false],
    ['smb://share', false],
  ])('knows whether %s may be opened in the person’s browser', (url, allowed) => {
    expect(mayOpenExternally(url, 'http://127.0.0.1:4100')).toBe(allowed);
  });
});
