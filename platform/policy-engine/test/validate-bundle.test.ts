import { describe, expect, it } from '@jest/globals';
import type { PolicyContent } from '@steward/contracts';
import { factsNeeded, starterPolicies, validateBundle } from '../src/index.ts';
import { bundleOf, emptyPolicy, linux, starterBundle } from './support.ts';

const grant = { requiresApproval: false, unlisted: 'deny' } as const;
const rule = { title: 'Ask', decision: 'require_approval', approverRole: 'user' } as const;

describe('validateBundle', () => {
  it.each(Object.entries(starterPolicies))('finds nothing wrong with %s', (_, policy) => {
    expect(validateBundle(policy)).toEqual([]);
    expect(validateBundle(bundleOf(policy))).toEqual([]);
    expect(policy.description?.split(/\.(?: |$)/).filter(Boolean)).toHaveLength(2);
  });

  it('names every bad entry', () => {
    const policy: PolicyContent = {
      ...emptyPolicy,
      capabilities: [
        {
          ...grant,
          name: 'File.Read',
          allowedPaths: ['src', '${workspace}/*.ts', '/ok', '**/.git', '${work}/x', '/a/../b'],
        },
        { ...grant, name: 'Shell.Exec', allowedCommands: ['git status', 'ls; rm', 'ls $X'], approvalRuleId: 'nobody' },
        {
          ...grant,
          name: 'Network.Http',
          allowedDomains: ['example.com', 'https://x', '*.com', '*', '*.example.com:8443'],
        },
      ],
      approvalRules: [
        {
          ...rule,
          ruleId: 'twice',
          capability: 'Shell.Exec',
          match: { commands: ['npm test'] },
          examples: {
            match: [{ toolName: 'RunCommand', arguments: { command: 'yarn test' } }],
            noMatch: [{ toolName: 'RunCommand', arguments: { command: 'cd a && npm test' } }],
          },
        },
        { ...rule, ruleId: 'twice', capability: 'File.Read' },
      ],
    };

    const paths = validateBundle(policy).map((problem) => problem.path);

    expect(paths).toEqual([
      '/capabilities/0/allowedPaths/0',
      '/capabilities/0/allowedPaths/1',
      '/capabilities/0/allowedPaths/4',
      '/capabilities/0/allowedPaths/5',
      '/capabilities/1/allowedCommands/1',
      '/capabilities/1/allowedCommands/2',
      '/capabilities/1/approvalRuleId',
      '/capabilities/2/allowedDomains/1',
      '/capabilities/2/allowedDomains/2',
      '/capabilities/2/allowedDomains/3',
      '/approvalRules/1/ruleId',
      '/approvalRules/0/examples/match/0',
      '/approvalRules/0/examples/noMatch/0',
    ]);
  });
});

describe('factsNeeded', () => {
  it('names the paths of a command, the folders before a "..", and those of the policy', () => {
    const action = { toolName: 'RunCommand', arguments: { command: 'cd pkg && cat ../a.txt > out.txt' } };

    const { paths } = factsNeeded(starterBundle('Careful developer'), action, linux);

    expect(paths).toEqual(
      expect.arrayContaining([
        '/work/app/pkg',
        '/work/app/a.txt',
        '/work/app/pkg/out.txt',
        '/work/app',
        '/home/alice/.ssh',
      ]),
    );
  });

  it('names the host of a request', () => {
    const action = { toolName: 'HttpRequest', arguments: { method: 'GET', url: 'https://Example.com/x' } };

    expect(factsNeeded(starterBundle('Careful developer'), action, linux).hosts).toEqual(['example.com']);
  });
});
