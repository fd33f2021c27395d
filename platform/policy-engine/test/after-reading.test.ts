import { describe, expect, it } from '@jest/globals';
import type { PolicyAction, PolicyBundle, PolicyFacts } from '@steward/contracts';
import { decide, explainDecision, reasonCodes } from '../src/index.ts';
import { decideCommand, decideTool, linux, starterBundle } from './support.ts';

const send: PolicyAction = { toolName: 'HttpRequest', arguments: { method: 'POST', url: 'https://api.github.com/' } };
const fetchPage: PolicyAction = {
  toolName: 'HttpRequest',
  arguments: { method: 'GET', url: 'https://api.github.com/' },
};
const push: PolicyAction = { toolName: 'RunCommand', arguments: { command: 'git fetch' } };
const outside: PolicyAction = { toolName: 'WriteFile', arguments: { path: '/srv/x', content: '' } };
const inside: PolicyAction = { toolName: 'WriteFile', arguments: { path: 'x', content: '' } };

function brief(bundle: PolicyBundle, action: PolicyAction, read: Partial<PolicyFacts>): string {
  const { decision, reasonCodes: codes } = decide(bundle, action, { ...linux, ...read });
  return `${decision} ${codes[0] ?? ''}`;
}

describe('once content was read in the session', () => {
  const trusted = { ...starterBundle('Trusted project'), approvalRules: [] };
  const free = { untrustedContentRead: false, secretContentRead: false };
  const bundle: PolicyBundle = {
    ...trusted,
    capabilities: trusted.capabilities.map((each) =>
      each.name === 'File.Write' ? { ...each, allowedPaths: ['${workspace}', '/srv'] } : each,
    ),
    afterReading: [
      { trust: 'untrusted', action: 'egress', decision: 'require_approval' },
      { trust: 'secret', action: 'egress', decision: 'deny' },
      { trust: 'secret', action: 'outside_write', decision: 'deny' },
    ],
  };

  it.each([
    [fetchPage, free, 'allow ALLOWED_BY_CAPABILITY'],
    [push, free, 'allow ALLOWED_BY_CAPABILITY'],
    [fetchPage, { ...free, untrustedContentRead: true }, 'require_approval AFTER_UNTRUSTED_CONTENT'],
    [push, { ...free, untrustedContentRead: true }, 'require_approval AFTER_UNTRUSTED_CONTENT'],
    [push, { untrustedContentRead: true, secretContentRead: true }, 'deny AFTER_SECRET_CONTENT'],
    [outside, { ...free, untrustedContentRead: true }, 'allow ALLOWED_BY_CAPABILITY'],
    [outside, { untrustedContentRead: true, secretContentRead: true }, 'deny AFTER_SECRET_CONTENT'],
    [inside, { untrustedContentRead: true, secretContentRead: true }, 'allow ALLOWED_BY_CAPABILITY'],
    [fetchPage, {}, 'deny AFTER_SECRET_CONTENT'],
  ])('%j with %j comes to %s', (action, read, expected) => {
    expect(brief(bundle, action, read)).toBe(expected);
  });

  it('a supervised zone asks before writing beyond the machine', () => {
    const supervised: PolicyBundle = { ...trusted, zone: 'supervised' };

    expect(brief(supervised, send, free)).toBe('allow ALLOWED_BY_CAPABILITY');
    expect(brief(supervised, send, { untrustedContentRead: true })).toBe('require_approval ZONE_REQUIRES_APPROVAL');
    expect(brief(supervised, fetchPage, { untrustedContentRead: true })).toBe('allow ALLOWED_BY_CAPABILITY');
  });
});

describe('the class of an action', () => {
  it.each([
    ['HttpRequest', { method: 'GET', url: 'https://example.com/' }, ['outside_project']],
    [
      'HttpRequest',
      { method: 'DELETE', url: 'https://example.com/' },
      ['external_write', 'irreversible', 'outside_project'],
    ],
    ['UploadArtifact', { name: 'x', content: 'y' }, ['external_write', 'irreversible']],
    ['server/tool', {}, ['external_write', 'irreversible', 'outside_project']],
    ['WriteFile', { path: 'a', content: '' }, undefined],
    ['WriteFile', { path: '/srv/a', content: '' }, ['outside_project']],
  ])('of %s %j is %j', (toolName, args, classes) => {
    expect(decideTool(toolName, args).actionClasses).toEqual(classes);
  });

  it.each([
    ['git push origin main', true],
    ['npm publish', true],
    ['docker push x', true],
    ['cargo publish', true],
    ['curl -d x https://example.com', true],
    ['gh pr create', true],
    ['rsync -a . host:x', true],
    ['git fetch', false],
    ['npm install lodash', false],
    ['curl https://example.com', false],
    ['gh pr list', false],
    ['npm test', false],
    ['ls', false],
  ])('of the command %s is an external write: %s', (command, expected) => {
    expect(decideCommand(command).actionClasses?.includes('external_write') ?? false).toBe(expected);
  });

  it('counts a remote tool that the policy declares to change nothing as no write', () => {
    const trusted = starterBundle('Trusted project');
    const bundle = {
      ...trusted,
      capabilities: [
        ...trusted.capabilities,
        { name: 'BackendTool.Invoke' as const, readOnlyToolNames: ['docs/*'], requiresApproval: false },
      ],
    };

    expect(decide(bundle, { toolName: 'docs/search', arguments: {} }, linux).actionClasses).toEqual([
      'outside_project',
    ]);
  });
});

describe('the kill switch', () => {
  it('denies external writes at once when it is thrown after the bundle was signed', () => {
    const bundle = starterBundle('Trusted project');

    for (const action of [send, push, { toolName: 'a/b', arguments: {} }]) {
      expect(decide(bundle, action, linux, { killSwitch: true })).toMatchObject({
        decision: 'deny',
        reasonCodes: expect.arrayContaining(['KILL_SWITCH_ACTIVE']),
      });
    }
    expect(decide(bundle, inside, linux, { killSwitch: true }).decision).toBe('allow');
    expect(decide({ ...bundle, killSwitch: true }, send, linux, { killSwitch: false }).decision).toBe('deny');
  });
});

describe('explainDecision', () => {
  it('names the rule, every reason in words, and what would have to change', () => {
    const bundle = starterBundle('Careful developer');
    const decided = decide(bundle, { toolName: 'RunCommand', arguments: { command: 'npm test' } }, linux);

    expect(explainDecision(bundle, decided)).toEqual({
      decision: 'require_approval',
      summary: decided.explanation,
      rule: { ruleId: 'ask-before-running-project-scripts', title: 'Ask before running code of the project' },
      reasons: [
        {
          code: 'APPROVAL_RULE',
          meaning: 'An approval rule of the policy matches the action.',
          change: 'Change or remove the rule that asks.',
          by: 'admin',
        },
      ],
      remedy: 'Approve the action, or deny it and say what to do instead.',
    });
  });

  it('has words for every reason, and stays calm about one of a later version', () => {
    const decided = decideCommand('ls');

    const { reasons } = explainDecision({ approvalRules: [] }, { ...decided, reasonCodes: [...reasonCodes, 'LATER'] });

    expect(reasons).toHaveLength(reasonCodes.length + 1);
    expect(reasons.filter(({ meaning, change }) => meaning === '' || !change.endsWith('.'))).toEqual([]);
    expect(reasons.at(-1)).toEqual({
      code: 'LATER',
      meaning: 'LATER',
      change: 'Ask an admin what this reason stands for.',
      by: 'admin',
    });
  });
});
