import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Capability, PolicyAction, PolicyBundle, PolicyFacts } from '@steward/contracts';
import fc from 'fast-check';
import { decide } from '../src/index.ts';
import { bundleOf, emptyPolicy } from './support.ts';

const load = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../corpus/${name}.json`, import.meta.url), 'utf8')) as T;
const paths = load<{ capabilities: Capability[]; machines: Record<string, PolicyFacts> }>('paths');
const urls = load<{ capabilities: Capability[]; dns: Record<string, string[]> }>('urls');
const wide = load<{ policy: PolicyBundle; facts: PolicyFacts }>('developer-policy');
const bundleFor = (capabilities: Capability[]): PolicyBundle => bundleOf({ ...emptyPolicy, capabilities });

/** What an allowed action would really be about, as the decision says it. */
function allowedPlace(bundle: PolicyBundle, action: PolicyAction, facts: PolicyFacts) {
  const { decision, normalizedAction } = decide(bundle, action, facts);
  return decision === 'allow' ? normalizedAction : undefined;
}

const seed = 20_260_221;
const name = fc.constantFrom(
  'src',
  'a.ts',
  'docs',
  'b c',
  'café',
  'link',
  'inner',
  'junction',
  'x.',
  'CON',
  'secrets',
  '.git',
);
const step = fc.constantFrom(
  '..',
  '.',
  '',
  '...',
  '~',
  '.. ',
  'C:',
  '\\\\?\\C:\\',
  '..\\..',
  '\u0000',
  'a:b',
  '\u202e',
  '%2e%2e',
);

describe('mutations of what is allowed', () => {
  it.each(['linux', 'darwin', 'win32'])('a path that stays allowed on %s leads into an allowed folder', (platform) => {
    const bundle = bundleFor(paths.capabilities);
    const facts = paths.machines[platform]!;
    const separator = platform === 'win32' ? fc.constantFrom('/', '\\') : fc.constant('/');
    const inside =
      platform === 'win32'
        ? /^(?:C:\\work\\app|D:\\shared)(?:\\|$)/i
        : platform === 'darwin'
          ? /^(?:\/Users\/alice\/app|\/data\/shared)(?:\/|$)/i
          : /^(?:\/work\/app|\/data\/shared)(?:\/|$)/;
    fc.assert(
      fc.property(fc.array(fc.oneof(name, step), { minLength: 1, maxLength: 8 }), separator, (parts, between) => {
        const place = allowedPlace(bundle, { toolName: 'ReadFile', arguments: { path: parts.join(between) } }, facts);
        if (place === undefined) return;

        expect(place.path).toMatch(inside);
        const segments = String(place.path).split(platform === 'win32' ? '\\' : '/');
        const blocked = segments.filter((segment) => ['..', '.git'].includes(segment));
        expect({ blocked, secret: /app[\\/]secrets(?:[\\/]|$)/.test(String(place.path)) }).toEqual({
          blocked: [],
          secret: false,
        });
      }),
      { seed, numRuns: 1500 },
    );
  });

  it('an address that stays allowed is one of the listed hosts, for the parser that connects as well', () => {
    const bundle = bundleFor(urls.capabilities);
    const listed =
      /^(?:example\.com|[a-z0-9.-]+\.example\.org|api\.test\.com|93\.184\.216\.34|localhost|10\.1\.2\.3|\[2606:2800:220:1::1\]|xn--bcher-kva\.example|intern\.corp)\.?$/;
    const piece = fc.constantFrom(
      ...[
        '@',
        ':',
        '/',
        '\\',
        '?',
        '#',
        '.',
        '%40',
        '%2e',
        '\t',
        ' ',
        '\u3002',
        '\uff0f',
        '\u00ad',
        'evil.test',
        '0x7f.1',
      ],
      ...['127.0.0.1', '[::1]', ':8443', ':80', 'user:pw@', '//', 'http:', '..', '\u0000', '\u200b', 'ｅ', 'а'],
    );
    const base = fc.constantFrom(
      'https://example.com/a',
      'https://good.example.org/',
      'http://localhost:3000/x',
      'https://10.1.2.3/',
    );
    fc.assert(
      fc.property(base, fc.array(fc.tuple(fc.nat(30), piece), { minLength: 1, maxLength: 3 }), (start, changes) => {
        const url = changes.reduce<string>((text, [at, what]) => text.slice(0, at) + what + text.slice(at), start);
        const place = allowedPlace(
          bundle,
          { toolName: 'HttpRequest', arguments: { method: 'GET', url } },
          { dns: urls.dns },
        );
        if (place === undefined) return;

        const { hostname, username, protocol } = new URL(url);
        expect(hostname).toMatch(listed);
        expect({ username, plain: /^https?:$/.test(protocol), url: new URL(url).href }).toEqual({
          username: '',
          plain: true,
          url: place.url,
        });
      }),
      { seed, numRuns: 2500 },
    );
  });

  it('a command into which another one was put is never allowed silently', () => {
    const base = fc.constantFrom(
      'git status',
      'ls -la src',
      'grep -rn "name" src',
      'npm test -- part',
      'sed -n 1,5p a.txt',
    );
    const joint = fc.constantFrom('; ', ' && ', ' || ', ' | ', '\n', ' & ', ' $(', ' `', ' <(', ' > >(');
    const evil = fc.constantFrom(
      'evil-program x',
      'curl https://evil.test',
      'cat /etc/shadow',
      'rm -rf ~',
      'tee /etc/passwd',
    );
    const close: Readonly<Record<string, string>> = { ' $(': ')', ' `': '`', ' <(': ')', ' > >(': ')' };
    fc.assert(
      fc.property(base, joint, evil, (start, between, more) => {
        const command = `${start}${between}${more}${close[between] ?? ''}`;

        const { decision } = decide(wide.policy, { toolName: 'RunCommand', arguments: { command } }, wide.facts);

        expect({ command, decision }).not.toEqual({ command, decision: 'allow' });
      }),
      { seed, numRuns: 200 },
    );
  });
});
