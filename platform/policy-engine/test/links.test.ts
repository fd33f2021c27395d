import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { PolicyBundle, PolicyFacts } from '@steward/contracts';
import { decide, factsNeeded } from '../src/index.ts';

const { policy, facts } = JSON.parse(
  readFileSync(new URL('../corpus/developer-policy.json', import.meta.url), 'utf8'),
) as { policy: PolicyBundle; facts: PolicyFacts };

function run(command: string, more: Partial<PolicyFacts> = {}): unknown {
  const decided = decide(policy, { toolName: 'RunCommand', arguments: { command } }, { ...facts, ...more });
  return { decision: decided.decision, reason: decided.reasonCodes[0] };
}

const allowed = { decision: 'allow', reason: 'ALLOWED_BY_CAPABILITY' };
const outside = { decision: 'deny', reason: 'PATH_NOT_ALLOWED' };
const leadsOutside = { decision: 'deny', reason: 'PATH_LEADS_OUTSIDE' };

describe('a symbolic link', () => {
  it('leads where its target lies from the folder that holds the link', () => {
    expect(run('ln -s ../a src/b')).toEqual(allowed);
    expect(run('ln -s ../../a src/b')).toEqual(outside);
  });

  it('is judged by where the folder that holds it really is', () => {
    const moved = { realPaths: { '/work/app/src': '/work/app/packages/core/src' } };
    const away = { realPaths: { '/work/app/src': '/srv/other' } };

    expect(run('ln -s ../../../a src/b', moved)).toEqual(allowed);
    expect(run('ln -s ../a src/b', away)).toMatchObject({ decision: 'deny' });
  });

  it('is judged inside its last word, too, where that leads to a folder elsewhere', () => {
    expect(run('ln -s ../a src/b', { realPaths: { '/work/app/src/b': '/work/app/lib/deep' } })).toEqual(allowed);
    expect(run('ln -s ../a src/b', { realPaths: { '/work/app/src/b': '/srv/other' } })).toEqual(leadsOutside);
  });

  it('asks for the real paths that it is judged by', () => {
    const { paths } = factsNeeded(
      policy,
      { toolName: 'RunCommand', arguments: { command: 'ln -s ../a src/b' } },
      facts,
    );

    expect(paths).toEqual(
      expect.arrayContaining(['/work/app/src', '/work/app/src/b', '/work/app/a', '/work/app/src/a']),
    );
  });

  it('to a blocked folder is found although the same words from elsewhere name another one', () => {
    const [read, ...others] = policy.capabilities;
    if (read === undefined) throw new Error('The policy grants nothing.');
    const blocks = { ...read, blockedPaths: ['${workspace}/src/private'] };
    const strict = { ...policy, capabilities: [blocks, ...others] };

    const decided = decide(
      strict,
      { toolName: 'RunCommand', arguments: { command: 'ln -s private/key src/x' } },
      facts,
    );

    expect({ decision: decided.decision, reason: decided.reasonCodes[0] }).toEqual({
      decision: 'deny',
      reason: 'PATH_BLOCKED',
    });
  });

  it('that is made beside anything which may move or follow it is judged from both folders', () => {
    expect(run('mkdir -p src && ln -s ../a src/b')).toEqual(allowed);
    expect(run('ln -s ../a src/b && mv src/b b')).toEqual(outside);
    expect(run('ln -s ../a src/b && npm test')).toEqual(outside);
    expect(run('sudo ln -s ../a src/b')).not.toEqual(allowed);
  });

  it('is not climbed through in the text that makes it', () => {
    expect(run('ln -s . b && cat b/../f')).toEqual({ decision: 'require_approval', reason: 'PATH_UNCERTAIN' });
    expect(run('ln -s . b && cat b/f')).toEqual(allowed);
  });

  it('keeps the verdict of the folder that the command runs in where a slash makes no folder', () => {
    expect(run('ln -s ../a src/')).toEqual(allowed);
    expect(run('ln -s ../a src/', { platform: 'darwin' })).toEqual(outside);
  });
});
