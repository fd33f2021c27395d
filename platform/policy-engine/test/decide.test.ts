import { describe, expect, it } from '@jest/globals';
import type { Capability, Decision, PolicyAction, PolicyBundle } from '@steward/contracts';
import { decide, digestOf, type DecisionContext } from '../src/index.ts';
import { bundleOf, decideCommand, decideTool, emptyPolicy, linux, starterBundle } from './support.ts';

const write: PolicyAction = { toolName: 'WriteFile', arguments: { path: 'src/a.ts', content: 'x' } };
const read: PolicyAction = { toolName: 'ReadFile', arguments: { path: 'src/a.ts' } };
const command = (text: string): PolicyAction => ({ toolName: 'RunCommand', arguments: { command: text } });
const brief = ({ decision, reasonCodes }: Decision) => ({ decision, reason: reasonCodes[0] });

function careful(action: PolicyAction, context: DecisionContext = {}, changes: Partial<PolicyBundle> = {}): Decision {
  return decide({ ...starterBundle('Careful developer'), ...changes }, action, linux, context);
}

describe('a decision', () => {
  it('has the whole documented shape', () => {
    const decided = decideTool('ReadFile', { path: './src//a.ts' });

    const normalizedAction = {
      capability: 'File.Read',
      toolName: 'ReadFile',
      arguments: { path: './src//a.ts' },
      path: '/work/app/src/a.ts',
    };
    expect(decided).toEqual({
      decision: 'allow',
      reasonCodes: ['ALLOWED_BY_CAPABILITY'],
      riskLevel: 'low',
      zone: 'supervised',
      normalizedAction,
      actionDigest: digestOf(normalizedAction),
      explanation: 'The policy *Careful developer* allows this (File.Read).',
      remedy: 'Nothing has to change.',
    });
  });

  it('names the rule, its scopes and who may answer when it asks', () => {
    const decided = decideCommand('npm test');

    expect(decided).toMatchObject({
      decision: 'require_approval',
      reasonCodes: ['APPROVAL_RULE'],
      ruleId: 'ask-before-running-project-scripts',
      allowedScopes: ['once', 'task', 'session'],
      approverRole: 'user',
      explanation: 'The policy *Careful developer* asks here by its rule "Ask before running code of the project".',
    });
  });

  it('says what is not allowed and what to use instead', () => {
    const decided = decideCommand('curl https://example.com', 'Read only');

    expect(decided).toMatchObject({
      decision: 'deny',
      explanation: 'The policy *Read only* does not allow `curl`.',
      remedy: 'Ask an admin, or use the built-in request tool.',
    });
  });

  it('covers long content by digest without carrying it', () => {
    const content = 'x'.repeat(100_000);

    const one = decideTool('WriteFile', { path: 'a', content });
    const other = decideTool('WriteFile', { path: 'a', content: `${content.slice(1)}y` });

    expect(JSON.stringify(one).length).toBeLessThan(3000);
    expect(one.actionDigest).not.toBe(other.actionDigest);
  });
});

describe('without a usable policy nothing runs', () => {
  it.each([
    ['absent', 'POLICY_ABSENT'],
    ['invalid', 'POLICY_INVALID'],
    ['expired', 'POLICY_EXPIRED'],
  ] as const)('%s', (bundleState, reason) => {
    expect(brief(careful(read, { bundleState }))).toEqual({ decision: 'deny', reason });
  });

  it('refuses a bundle with one bad entry instead of dropping it', () => {
    const capabilities = [
      ...starterBundle('Careful developer').capabilities,
      { name: 'File.Read', blockedPaths: [7] } as unknown as Capability,
    ];

    expect(brief(careful(read, {}, { capabilities }))).toEqual({ decision: 'deny', reason: 'POLICY_INVALID' });
  });

  it('follows the times of the bundle', () => {
    const changes = { offlineGraceSeconds: 60 };

    const at = (now: string, action: PolicyAction) => brief(careful(action, { now }, changes));

    expect(at('2026-02-21T15:59:59.999Z', write).decision).toBe('allow');
    expect(at('2026-02-21T16:00:00.000Z', read).decision).toBe('allow');
    expect(at('2026-02-21T16:00:00.000Z', write)).toEqual({ decision: 'deny', reason: 'POLICY_GRACE_READS_ONLY' });
    expect(at('2026-02-21T16:01:00.000Z', read)).toEqual({ decision: 'deny', reason: 'POLICY_EXPIRED' });
    expect(at('2026-02-21T14:00:00.000Z', read)).toEqual({ decision: 'deny', reason: 'POLICY_INVALID' });
    expect(at('soon', read)).toEqual({ decision: 'deny', reason: 'POLICY_INVALID' });
  });
});

describe('grants', () => {
  it('denies what no capability covers and tools that do not exist', () => {
    const bundle = bundleOf(emptyPolicy);

    expect(brief(decide(bundle, read, linux))).toEqual({ decision: 'deny', reason: 'CAPABILITY_NOT_GRANTED' });
    expect(brief(decide(bundle, { toolName: 'Nope', arguments: {} }, linux))).toEqual({
      decision: 'deny',
      reason: 'UNKNOWN_TOOL',
    });
  });

  it.each([
    [read, { name: 'File.Read' }],
    [command('ls'), { name: 'Shell.Exec' }],
    [command('true'), { name: 'Shell.Exec' }],
    [{ toolName: 'HttpRequest', arguments: { url: 'https://example.com' } }, { name: 'Network.Http' }],
    [{ toolName: 'server/tool', arguments: {} }, { name: 'BackendTool.Invoke' }],
    [{ toolName: 'LLM.Call', arguments: { model: 'm' } }, { name: 'LLM.Call' }],
  ])('allows nothing by an absent list: %j', (action, grant) => {
    const capabilities = [{ requiresApproval: false, unlisted: 'deny', ...grant } as Capability];

    expect(decide(bundleOf({ ...emptyPolicy, capabilities }), action, linux).decision).toBe('deny');
  });

  it('allows any model only by a written star', () => {
    const llm = (allowedModels: string[]) =>
      decide(
        bundleOf({
          ...emptyPolicy,
          capabilities: [{ name: 'LLM.Call', requiresApproval: false, unlisted: 'deny' }],
          llmPolicy: { ...emptyPolicy.llmPolicy, allowedModels },
        }),
        { toolName: 'LLM.Call', arguments: { model: 'm' } },
        linux,
      ).decision;

    expect([llm([]), llm(['n']), llm(['m']), llm(['*'])]).toEqual(['deny', 'deny', 'allow', 'allow']);
  });

  it('refuses content above the limit', () => {
    expect(brief(decideTool('WriteFile', { path: 'a', content: 'x'.repeat(10_000_001) }))).toEqual({
      decision: 'deny',
      reason: 'FILE_TOO_LARGE',
    });
  });

  it('judges an upload by the file that it reads, too', () => {
    expect(brief(decideTool('UploadArtifact', { name: 'x', path: '~/.ssh/id_rsa' }))).toEqual({
      decision: 'deny',
      reason: 'PATH_BLOCKED',
    });
    expect(decideTool('UploadArtifact', { name: 'x', content: 'y' }).decision).toBe('allow');
  });

  it('keeps patterns of searches below their path', () => {
    expect(brief(decideTool('FindFiles', { pattern: '../**/*.ts' }))).toEqual({
      decision: 'deny',
      reason: 'ARGUMENTS_INVALID',
    });
    expect(decideTool('FindFiles', { pattern: '**/*.{ts,tsx}' }).decision).toBe('allow');
    expect(brief(decideTool('SearchText', { pattern: 'x', path: '~' }))).toEqual({
      decision: 'deny',
      reason: 'PATH_BLOCKED',
    });
  });
});

describe('the kill switch', () => {
  it.each([
    [{ toolName: 'HttpRequest', arguments: { url: 'https://api.github.com' } }, 'deny'],
    [{ toolName: 'server/tool', arguments: {} }, 'deny'],
    [{ toolName: 'UploadArtifact', arguments: { name: 'x', content: 'y' } }, 'deny'],
    [command('npm test'), 'deny'],
    [command('ls > out.txt'), 'deny'],
    [command('ls && git push'), 'deny'],
    [command('ls -la'), 'allow'],
    [command('git status'), 'allow'],
    [read, 'allow'],
    [write, 'allow'],
  ])('%j comes to %s', (action, decision) => {
    const decided = decide({ ...starterBundle('Trusted project'), killSwitch: true }, action, linux);

    expect(decided.decision).toBe(decision);
    if (decision === 'deny') expect(decided.reasonCodes).toContain('KILL_SWITCH_ACTIVE');
  });
});

describe('task options', () => {
  it('ask for every side effect, or refuse what would have to be asked', () => {
    expect(brief(careful(write, { taskOptions: { approvalMode: 'always' } }))).toEqual({
      decision: 'require_approval',
      reason: 'APPROVAL_MODE_ALWAYS',
    });
    expect(careful(read, { taskOptions: { approvalMode: 'always' } }).decision).toBe('allow');
    expect(brief(careful(command('npm test'), { taskOptions: { approvalMode: 'never' } }))).toEqual({
      decision: 'deny',
      reason: 'APPROVAL_REQUIRED',
    });
    expect(careful(write, { taskOptions: { approvalMode: 'never' } }).decision).toBe('allow');
  });

  it('turn the network off for requests, remote tools and commands that are known to use it', () => {
    const off = { taskOptions: { allowNetwork: false } };

    for (const action of [
      { toolName: 'HttpRequest', arguments: { url: 'https://x.org' } },
      { toolName: 's/t', arguments: {} },
      command('git push'),
      command('npm install'),
    ]) {
      expect(careful(action, off)).toMatchObject({
        decision: 'deny',
        reasonCodes: expect.arrayContaining(['NETWORK_OFF_FOR_TASK']),
      });
    }
    expect(careful(command('git status'), off).decision).toBe('allow');
  });
});

describe('zones', () => {
  it('ask an approver for every change in high stakes', () => {
    const decided = careful(write, {}, { zone: 'high_stakes' });

    expect(decided).toMatchObject({
      decision: 'require_approval',
      zone: 'high_stakes',
      approverRole: 'approver',
      allowedScopes: ['once'],
      reasonCodes: ['ZONE_REQUIRES_APPROVAL'],
    });
    expect(careful(read, {}, { zone: 'high_stakes' }).decision).toBe('allow');
  });

  it('ask under supervision for what is of high risk', () => {
    const remove: PolicyAction = { toolName: 'DeleteFile', arguments: { path: 'a' } };
    const trusted = starterBundle('Trusted project');

    expect(decide(trusted, remove, linux).decision).toBe('allow');
    expect(brief(decide({ ...trusted, zone: 'supervised' }, remove, linux))).toEqual({
      decision: 'require_approval',
      reason: 'ZONE_REQUIRES_APPROVAL',
    });
  });
});

describe('trust and provenance', () => {
  it('asks for commands that may run what an untrusted folder contains', () => {
    const facts = { ...linux, folderTrusted: false };

    expect(decideCommand('make', 'Trusted project', linux).decision).toBe('allow');
    expect(decideCommand('make', 'Trusted project', facts)).toMatchObject({
      decision: 'require_approval',
      reasonCodes: ['FOLDER_NOT_TRUSTED'],
    });
    expect(decideCommand('ls', 'Trusted project', facts).decision).toBe('allow');
  });

  it('lets rules ask for egress once untrusted content was read, also when nobody says whether it was', () => {
    const ask = (untrustedContentRead?: boolean) =>
      decideTool('HttpRequest', { url: 'https://nodejs.org/' }, 'Trusted project', {
        ...linux,
        ...(untrustedContentRead === undefined ? {} : { untrustedContentRead }),
      }).decision;

    expect([ask(false), ask(true), ask()]).toEqual(['allow', 'require_approval', 'require_approval']);
  });
});

describe('commands without walls', () => {
  const bare = { ...linux, sandbox: 'none' as const };

  it('are asked about where the machine has no sandbox, and refused where the policy says so', () => {
    const decided = (policy: Parameters<typeof decideCommand>[1]) => brief(decideCommand('ls', policy, bare));

    expect(decided('Careful developer')).toEqual({ decision: 'require_approval', reason: 'NO_SANDBOX' });
    expect(decided('Read only')).toEqual({ decision: 'deny', reason: 'NO_SANDBOX' });
    expect(decided('Locked down')).toMatchObject({ decision: 'deny' });
  });

  it('are judged by the strictest of several grants, and not at all where there are walls or only files are touched', () => {
    const careful = starterBundle('Careful developer');
    const two = {
      ...careful,
      capabilities: [
        ...careful.capabilities,
        { name: 'Shell.Exec' as const, requiresApproval: false, withoutSandbox: 'deny' as const },
      ],
    };
    const list: PolicyAction = { toolName: 'RunCommand', arguments: { command: 'ls' } };

    expect(decide(two, list, bare).decision).toBe('deny');
    expect(decide(two, list, { ...linux, sandbox: 'seatbelt' }).decision).toBe('allow');
    expect(decideTool('ReadFile', { path: 'a' }, 'Careful developer', bare).decision).toBe('allow');
  });

  it('count as without walls when the fact is not one that is known', () => {
    const facts = { ...linux, sandbox: 'something' as never };

    expect(decideCommand('ls', 'Read only', facts).decision).toBe('deny');
  });
});

describe('variables of a command', () => {
  const run = (env: unknown) =>
    brief(decideTool('RunCommand', { command: 'ls', env: env as Record<string, string> }, 'Careful developer', linux));

  it('are judged by their names', () => {
    expect(run({ API_TOKEN: 'secret://api' })).toEqual({ decision: 'allow', reason: 'ALLOWED_BY_CAPABILITY' });
    expect(run({ LD_PRELOAD: 'x.so' })).toEqual({
      decision: 'require_approval',
      reason: 'COMMAND_CHANGES_ENVIRONMENT',
    });
    expect(run({ 'A=B': 'x' })).toEqual({ decision: 'deny', reason: 'ARGUMENTS_INVALID' });
  });

  it('are part of what an approval is about', () => {
    const digest = (env: Record<string, string>) =>
      decideTool('RunCommand', { command: 'ls', env }, 'Careful developer', linux).actionDigest;

    expect(digest({ API_TOKEN: 'secret://one' })).not.toBe(digest({ API_TOKEN: 'secret://two' }));
  });
});

describe('working directory', () => {
  it('must be a folder that the policy allows', () => {
    const run = (cwd: string) => brief(decideTool('RunCommand', { command: 'ls', cwd }));

    expect(run('src').decision).toBe('allow');
    expect(run('/')).toEqual({ decision: 'require_approval', reason: 'CWD_NOT_ALLOWED' });
    expect(run('~/.ssh')).toEqual({ decision: 'deny', reason: 'PATH_BLOCKED' });
  });
});

describe('on Windows', () => {
  const facts = { platform: 'win32' as const, cwd: 'C:\\app', workspaceDir: 'C:\\app', homeDir: 'C:\\Users\\alice' };

  it.each([
    ['git status', 'allow'],
    ['git status & del x', 'require_approval'],
    ['git "status"', 'require_approval'],
    ['git status | more', 'require_approval'],
    ['echo %PATH%', 'require_approval'],
    ['git status; sudo x', 'deny'],
    ['r^eg add x', 'deny'],
    ['REG.EXE add x', 'deny'],
    ['cmd /c dir', 'require_approval'],
    ['powershell -c ls', 'require_approval'],
  ])('%s comes to %s', (text, decision) => {
    expect(decideCommand(text, 'Careful developer', facts).decision).toBe(decision);
  });
});
