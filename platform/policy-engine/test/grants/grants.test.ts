import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CapabilityName, Decision, Grant, GrantLink, GrantNarrowing, PolicyAction } from '@steward/contracts';
import {
  decide,
  decideUnderGrant,
  grantOfSession,
  narrowGrant,
  narrowSealedGrant,
  openGrant,
  sealGrant,
} from '../../src/index.ts';
import { linux, starterBundle } from '../support.ts';

const jws = 'eyJhbGciOiJFZERTQSJ9.eyJzZXNzaW9uSWQiOiJzIn0.c2lnbmF0dXJl';
const session = grantOfSession(jws, 'sess_01JF0000000000000000000000');
const strictness: Record<Decision['decision'], number> = { allow: 0, require_approval: 1, deny: 2 };
const at = '2026-02-21T15:10:00.000Z';
const link = (narrowing: GrantNarrowing, by = 'runtime'): GrantLink => ({ by, at, narrowing });

const anyNarrowing: fc.Arbitrary<GrantNarrowing> = fc.record(
  {
    capabilities: fc.subarray<CapabilityName>(['File.Read', 'File.Write', 'File.Delete', 'Shell.Exec', 'Network.Http']),
    paths: fc.subarray(['${workspace}', '/', '${workspace}/src', '/etc', '${home}']),
    commands: fc.subarray(['ls', 'git', 'npm', 'sudo', 'curl', 'npm test', 'cat']),
    domains: fc.subarray(['example.com', '*.github.com', 'api.github.com', 'localhost']),
    toolNames: fc.subarray(['a/b', 'a/*', 'c/d']),
    allowNetwork: fc.boolean(),
    approvalMode: fc.constantFrom('always' as const, 'on_risky_actions' as const, 'never' as const),
    expiresAt: fc.constantFrom('2026-02-21T15:20:00.000Z', '2026-02-21T15:40:00.000Z', '2030-01-01T00:00:00.000Z'),
  },
  { requiredKeys: [] },
);
const anyAction: fc.Arbitrary<PolicyAction> = fc.oneof(
  fc
    .constantFrom(
      'ls',
      'cat src/a.ts',
      'sudo id',
      'npm test',
      'git status',
      'git push',
      'curl https://example.com',
      'cat /etc/passwd',
      'cat .env',
      'echo x > out.txt',
      'rm -rf src',
    )
    .map((command) => ({ toolName: 'RunCommand', arguments: { command } })),
  fc.record({
    toolName: fc.constantFrom('ReadFile', 'WriteFile', 'DeleteFile'),
    arguments: fc.record({
      path: fc.constantFrom('src/a.ts', '/etc/passwd', '~/.ssh/id_rsa', 'a', '../x'),
      content: fc.constant(''),
    }),
  }),
  fc
    .constantFrom('https://example.com/', 'https://api.github.com/', 'http://localhost/')
    .map((url) => ({ toolName: 'HttpRequest', arguments: { method: 'GET', url } })),
  fc.constantFrom('a/b', 'c/d').map((toolName) => ({ toolName, arguments: {} })),
);

describe('a grant', () => {
  it('never decides wider than its parent, whatever its links ask for', () => {
    const policies = ['Careful developer', 'Trusted project', 'Read only', 'Locked down'];
    fc.assert(
      fc.property(
        fc.constantFrom(...policies),
        fc.array(anyNarrowing, { minLength: 1, maxLength: 4 }),
        anyAction,
        fc.constantFrom('2026-02-21T15:15:00.000Z', '2026-02-21T15:30:00.000Z'),
        (policy, narrowings, action, now) => {
          const bundle = starterBundle(policy);
          let parent: Grant = session;
          let before = decide(bundle, action, linux, { now });
          for (const narrowing of narrowings) {
            const child = narrowGrant(parent, link(narrowing));
            const decided = decideUnderGrant(bundle, child, action, linux, { now });

            expect(strictness[decided.decision]).toBeGreaterThanOrEqual(strictness[before.decision]);

            parent = child;
            before = decided;
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('without links decides as the session does', () => {
    fc.assert(
      fc.property(anyAction, (action) => {
        const bundle = starterBundle('Trusted project');

        expect(decideUnderGrant(bundle, session, action, linux)).toEqual(decide(bundle, action, linux));
      }),
      { numRuns: 100 },
    );
  });

  it('denies what its links leave out, and says so', () => {
    const bundle = starterBundle('Trusted project');
    const grant = narrowGrant(session, link({ commands: ['git status'], capabilities: ['Shell.Exec', 'File.Read'] }));
    const brief = (command: string) => {
      const { decision, reasonCodes } = decideUnderGrant(
        bundle,
        grant,
        { toolName: 'RunCommand', arguments: { command } },
        linux,
      );
      return { decision, reason: reasonCodes[0] };
    };

    expect(brief('git status')).toEqual({ decision: 'allow', reason: 'ALLOWED_BY_CAPABILITY' });
    expect(brief('npm test')).toEqual({ decision: 'deny', reason: 'OUTSIDE_GRANT' });
    expect(brief('sudo id')).toEqual({ decision: 'deny', reason: 'COMMAND_BLOCKED' });
  });

  it('ends when its earliest link ends, also with a time that can’t be read', () => {
    const bundle = starterBundle('Trusted project');
    const read: PolicyAction = { toolName: 'ReadFile', arguments: { path: 'a' } };
    const ends = (expiresAt: string) => {
      const grant = narrowGrant(
        narrowGrant(session, link({ expiresAt })),
        link({ expiresAt: '2030-01-01T00:00:00.000Z' }),
      );
      return decideUnderGrant(bundle, grant, read, linux, { now: at }).reasonCodes[0];
    };

    expect([ends('2026-02-21T15:10:00.001Z'), ends(at), ends('soon')]).toEqual([
      'ALLOWED_BY_CAPABILITY',
      'GRANT_EXPIRED',
      'GRANT_EXPIRED',
    ]);
  });

  it('has at most 16 links', () => {
    const full = Array.from({ length: 16 }).reduce<Grant>((grant) => narrowGrant(grant, link({})), session);

    expect(() => narrowGrant(full, link({}))).toThrow(RangeError);
    expect(narrowSealedGrant(sealGrant(full, jws), link({}))).toBeUndefined();
  });
});

describe('a sealed grant', () => {
  const task = narrowGrant(session, { ...link({ allowNetwork: false }), taskId: 'task_01JF0000000000000000000000' });

  it('opens for whoever holds the bundle, with the chain that says who narrowed what', () => {
    const handed = narrowSealedGrant(sealGrant(task, jws), link({ paths: ['${workspace}/src'] }, 'runner:7'));

    expect(openGrant(handed ?? '', jws)?.links).toEqual([
      { by: 'runtime', at, taskId: 'task_01JF0000000000000000000000', narrowing: { allowNetwork: false } },
      { by: 'runner:7', at, narrowing: { allowNetwork: false, paths: ['${workspace}/src'] } },
    ]);
  });

  it('does not open for another bundle, nor with a link changed, taken away or put in', () => {
    const handed = narrowSealedGrant(sealGrant(task, jws), link({ capabilities: [] }, 'app:x')) ?? '';
    const [body = '', code = ''] = handed.split('.');
    const grant = JSON.parse(Buffer.from(body, 'base64url').toString()) as Grant;
    const forge = (links: GrantLink[]) =>
      `${Buffer.from(JSON.stringify({ ...grant, links })).toString('base64url')}.${code}`;
    const [first, second] = grant.links as [GrantLink, GrantLink];

    expect(openGrant(handed, jws)).toEqual(grant);
    expect(openGrant(handed, `${jws}x`)).toBeUndefined();
    for (const links of [
      [first],
      [second],
      [],
      [second, first],
      [first, { ...second, narrowing: {} }],
      [first, second, link({})],
    ])
      expect(openGrant(forge(links), jws)).toBeUndefined();
    expect(openGrant(`${body}.`, jws)).toBeUndefined();
  });

  it('never opens and never throws on any other text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String().map((text) => `${text}.${text}`),
          fc.json().map((json) => `${Buffer.from(json).toString('base64url')}.AAAA`),
        ),
        (text) => {
          expect(openGrant(text, jws)).toBeUndefined();
        },
      ),
      { numRuns: 300 },
    );
  });
});
