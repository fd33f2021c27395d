import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { filesMatching } from './documents/source-files.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const shipped = /^(?:platform|backend-|agent-runtime|desktop|infra\/(?:local|iac)).*\/src\/.*\.tsx?$/;
const sources = filesMatching(root, shipped).filter(({ path }) => !/\/(?:generated|test-support)\//.test(path));

/** `path: text` of every place that a pattern finds; the pattern is global. */
function places(pattern: RegExp): string[] {
  return sources.flatMap(({ path, text }) => [...text.matchAll(pattern)].map(([found]) => `${path}: ${found}`));
}

/** Pauses that only spread load; nothing hangs on their values. */
const jitter = new Set([
  'platform/sdk/src/http/retry.ts',
  'platform/service-kit/src/storage/dynamo.ts',
  'backend-observability/audit/src/events/appender.ts',
  'agent-runtime/app/src/main.ts',
]);

describe('the sources of what ships', () => {
  it('are found', () => {
    expect(sources.length).toBeGreaterThan(300);
  });

  it('evaluate no text as code', () => {
    expect(places(/\beval\(|\bnew Function\(|from 'node:vm'/g)).toEqual([]);
  });

  it('render no text as HTML', () => {
    expect(places(/dangerouslySetInnerHTML|\.(?:inner|outer)HTML\s*=|insertAdjacentHTML|rehype-raw/g)).toEqual([]);
  });

  it('take no message from another window', () => {
    const inPages = places(/addEventListener\('message'|window\.onmessage|window\.(?:parent|opener|top)\b/g);

    expect(inPages.filter((place) => place.startsWith('desktop/'))).toEqual([]);
  });

  it('keep nothing but looks in the browser’s storage', () => {
    const stored = places(/\b(?:local|session)Storage\.\w+\([^\n]*|\bindexedDB\b|document\.cookie/g);

    expect(stored).toEqual([
      'desktop/app/src/state/appearance.ts: localStorage.setItem(storageKey, JSON.stringify({ theme: settings.theme, reduceMotion: settings.reduceMotion }));',
      "desktop/app/src/state/appearance.ts: localStorage.getItem(storageKey) ?? 'null');",
    ]);
  });

  it('use no weak hash, cipher or random number', () => {
    const hashes = places(/createH(?:ash|mac)\(\s*'(?!sha256'|sha384'|sha512')[^']*'/g);
    const ciphers = places(/'(?:aes|des|rc[24]|bf|camellia|chacha20)-[-\w]+'/g).filter(
      (place) => !place.endsWith("'aes-256-gcm'"),
    );
    const random = places(/\bMath\.random\b/g).filter((place) => !jitter.has(place.split(':')[0] ?? ''));

    expect({ hashes, ciphers, random }).toEqual({ hashes: [], ciphers: [], random: [] });
  });

  it('never switch the check of certificates off', () => {
    expect(places(/rejectUnauthorized:\s*false|NODE_TLS_REJECT_UNAUTHORIZED\W+0|checkServerIdentity:/g)).toEqual([]);
  });
});

describe('the documents of the services', () => {
  const documents = filesMatching(root, /^platform\/contracts\/openapi\/.*\.yaml$/);

  it('hold no operation that reads and takes a body', () => {
    const reading = documents.flatMap(({ path, text }) =>
      [...text.matchAll(/^ {4}(get|head):\n((?: {5,}.*\n|\n)*)/gm)]
        .filter(([, , body = '']) => body.includes('requestBody'))
        .map(([found]) => `${path}: ${found.slice(0, 60)}`),
    );

    expect(documents.length).toBeGreaterThan(5);
    expect(reading).toEqual([]);
  });

  it('hold no secret in a path or a query', () => {
    const names = documents.flatMap(({ text }) =>
      [...text.matchAll(/^\s*-? *\{? *name: (\w+)/gm)].map(([, name]) => name),
    );

    expect(names.filter((name) => /token|secret|password|authorization|api_?key/i.test(name ?? ''))).toEqual([]);
  });
});
