import { beforeAll, describe, expect, it } from '@jest/globals';
import type { PolicyBundle, PolicyContent } from '@steward/contracts';
import { decide, preloadCommandParser, starterPolicies, validateBundle } from '@steward/policy-engine';
import fc from 'fast-check';
import { diffPolicies } from '../../src/drafts/diff.ts';

const careful = starterPolicies['Careful developer']!;

function changed(change: (policy: PolicyContent) => void): PolicyContent {
  const copy = structuredClone(careful);
  change(copy);
  return copy;
}

const capability = (policy: PolicyContent, name: string) => policy.capabilities.find((entry) => entry.name === name)!;

describe('the differences between two policies', () => {
  it('are none between equal ones', () => {
    expect(diffPolicies(careful, structuredClone(careful))).toEqual({ effect: 'none', differences: [] });
  });

  it('name what a list gained and lost, where, and what it means', () => {
    const after = changed((policy) => {
      capability(policy, 'Shell.Exec').allowedCommands!.push('terraform plan');
    });

    const index = careful.capabilities.findIndex(({ name }) => name === 'Shell.Exec');
    expect(diffPolicies(careful, after)).toEqual({
      effect: 'widens',
      differences: [
        {
          kind: 'changed',
          subject: 'capability',
          effect: 'widens',
          path: `/capabilities/${index}/allowedCommands`,
          capability: 'Shell.Exec',
          field: 'allowedCommands',
          addedEntries: ['terraform plan'],
          removedEntries: [],
          before: capability(careful, 'Shell.Exec').allowedCommands,
          after: capability(after, 'Shell.Exec').allowedCommands,
          sentence: 'Shell.Exec: allowedCommands gains "terraform plan".',
        },
      ],
    });
  });

  it.each<[string, (policy: PolicyContent) => void, string]>([
    ['a capability that is taken away', (policy) => void policy.capabilities.pop(), 'narrows'],
    ['a block that is taken away', (policy) => (capability(policy, 'File.Read').blockedPaths = []), 'widens'],
    ['a higher limit', (policy) => (policy.llmPolicy.maxSessionTokens += 1), 'widens'],
    ['a longer grace', (policy) => (policy.offlineGraceSeconds += 1), 'widens'],
    ['another name', (policy) => (policy.name = 'Other'), 'neutral'],
    ['a stricter zone', (policy) => (policy.zone = 'high_stakes'), 'narrows'],
    [
      'a rule more',
      (policy) =>
        policy.approvalRules.push({ ruleId: 'new', title: 'New', capability: 'Shell.Exec', decision: 'deny' }),
      'narrows',
    ],
    ['a rule less', (policy) => void policy.approvalRules.pop(), 'widens'],
    [
      'one thing wider and another narrower',
      (policy) => {
        policy.offlineGraceSeconds += 1;
        policy.zone = 'high_stakes';
      },
      'mixed',
    ],
  ])('call %s what it is', (_name, change, effect) => {
    expect(diffPolicies(careful, changed(change)).effect).toBe(effect);
  });
});

describe('a difference that is called narrower', () => {
  beforeAll(() => preloadCommandParser());

  const bundle = ({ name, description: _description, ...content }: PolicyContent): PolicyBundle => ({
    ...content,
    policyName: name,
    policyBundleVersion: 1,
    schemaVersion: 1,
    tenantId: 'acme',
    userId: 'alice',
    sessionId: 'sess_00000000000000000000000000',
    issuedAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2027-01-01T00:00:00.000Z',
    killSwitch: false,
  });
  const facts = { platform: 'linux' as const, cwd: '/home/a/p', workspaceDir: '/home/a/p', homeDir: '/home/a' };
  const run = (command: string) => ({ toolName: 'RunCommand', arguments: { command } });
  const actions = [
    ...[
      'git status',
      'npm test',
      'rm -rf build',
      'curl https://example.com',
      'cat .env',
      'ls | wc -l',
      'node a.js',
    ].map(run),
    ...['a.ts', '.git/config', '../x', '/etc/passwd', '.env'].flatMap((path) => [
      { toolName: 'ReadFile', arguments: { path: `/home/a/p/${path}` } },
      { toolName: 'WriteFile', arguments: { path: `/home/a/p/${path}`, content: 'x' } },
      { toolName: 'DeleteFile', arguments: { path: `/home/a/p/${path}` } },
    ]),
    { toolName: 'HttpRequest', arguments: { method: 'GET', url: 'https://registry.npmjs.org/x' } },
    { toolName: 'HttpRequest', arguments: { method: 'GET', url: 'https://example.com/' } },
    { toolName: 'UploadArtifact', arguments: { path: '/home/a/p/a.ts' } },
  ];
  const strictness = { allow: 0, require_approval: 1, deny: 2 };
  const policies = Object.values(starterPolicies);
  /** One edit somewhere in a policy, of any kind. */
  const edits = fc.array(fc.record({ kind: fc.nat(9), where: fc.nat(50), which: fc.nat(50) }), {
    minLength: 1,
    maxLength: 3,
  });

  function edited(
    policy: PolicyContent,
    list: readonly { kind: number; where: number; which: number }[],
  ): PolicyContent {
    const copy = structuredClone(policy);
    for (const { kind, where, which } of list) {
      const target = copy.capabilities[where % Math.max(1, copy.capabilities.length)];
      const other = policies[which % policies.length]!;
      if (kind === 0) copy.capabilities.splice(where % (copy.capabilities.length + 1), 1);
      if (kind === 1) copy.capabilities.push(structuredClone(other.capabilities[where % other.capabilities.length]!));
      if (kind === 2 && target !== undefined) target.requiresApproval = !target.requiresApproval;
      if (kind === 3 && target !== undefined) target.unlisted = which % 2 === 0 ? 'deny' : 'require_approval';
      if (kind === 4) target?.allowedCommands?.splice(which % 20, 3);
      if (kind === 5) target?.blockedPaths?.splice(which % 10, 2);
      if (kind === 6) copy.approvalRules.splice(where % (copy.approvalRules.length + 1), 1);
      if (kind === 7)
        copy.approvalRules.push({
          ruleId: `r${where}${which}`,
          title: 'x',
          capability: 'Shell.Exec',
          match: { commands: ['git'] },
          decision: 'deny',
        });
      if (kind === 8) copy.zone = (['sandbox', 'supervised', 'high_stakes'] as const)[which % 3]!;
      if (kind === 9 && target !== undefined)
        target.blockedPaths = [...(target.blockedPaths ?? []), '${workspace}/a.ts'];
    }
    return copy;
  }

  it('never allows what was not allowed before, and a wider one never denies what was', () => {
    fc.assert(
      fc.property(fc.constantFrom(...policies), edits, (before, list) => {
        const after = edited(before, list);
        fc.pre(validateBundle(after).length === 0);
        const { effect } = diffPolicies(before, after);
        if (effect === 'mixed') return;
        for (const action of actions) {
          const was = strictness[decide(bundle(before), action, facts).decision];
          const is = strictness[decide(bundle(after), action, facts).decision];
          if (effect !== 'widens') expect({ action, effect, ok: is >= was }).toEqual({ action, effect, ok: true });
          if (effect !== 'narrows') expect({ action, effect, ok: is <= was }).toEqual({ action, effect, ok: true });
        }
      }),
      { numRuns: 120 },
    );
  });
});
