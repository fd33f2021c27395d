import { describe, expect, it } from '@jest/globals';
import type { Capability } from '@steward/contracts';
import { decide, preloadCommandParser } from '../src/index.ts';
import { bundleOf, decideCommand, emptyPolicy, linux } from './support.ts';

function shell(allowedCommands: string[], command: string, more: Partial<Capability> = {}): string {
  const capabilities: Capability[] = [
    { name: 'Shell.Exec', allowedCommands, requiresApproval: false, unlisted: 'deny', ...more },
  ];
  return decide(bundleOf({ ...emptyPolicy, capabilities }), { toolName: 'RunCommand', arguments: { command } }, linux)
    .decision;
}

describe('entries', () => {
  it('compare word by word from the start', () => {
    expect(shell(['npm test'], 'npm test -- --watch')).toBe('allow');
    expect(shell(['npm test'], 'npm run test')).toBe('deny');
    expect(shell(['npm test'], 'npm -s test')).toBe('deny');
    expect(shell(['npm test'], 'npm tests')).toBe('deny');
    expect(shell(['git'], './git status')).toBe('deny');
    expect(shell(['git'], 'git status')).toBe('allow');
  });

  it('judge wrappers by what they run', () => {
    expect(shell(['npm test'], 'timeout 60 env CI=1 npm test')).toBe('allow');
    expect(shell(['timeout', 'env'], 'timeout 60 npm test')).toBe('deny');
    expect(shell(['npx'], 'npx rimraf x')).toBe('deny');
    expect(shell(['npx eslint'], 'npx eslint src')).toBe('allow');
    expect(shell(['sudo'], 'sudo npm test')).toBe('deny');
    expect(shell(['sudo', 'npm test'], 'sudo npm test')).toBe('allow');
  });

  it('let inline code through only when it is repeated exactly', () => {
    expect(shell(['node'], 'node -e "1"')).toBe('deny');
    expect(shell(['node -e "1"'], "node -e '1'")).toBe('allow');
    expect(shell(['node -e "1"'], "node -e '1' x")).toBe('deny');
  });

  it('of block-lists are seen through folders, options and clusters', () => {
    const block = { blockedCommands: ['git push', 'rm -rf'], unlisted: 'require_approval' as const };

    expect(shell(['git', 'rm'], 'git -C . push', block)).toBe('deny');
    expect(shell(['git', 'rm'], 'git --no-pager push origin', block)).toBe('deny');
    expect(shell(['git', 'rm'], '/usr/bin/git push', block)).toBe('deny');
    expect(shell(['git', 'rm'], 'rm -f -r x', block)).toBe('deny');
    expect(shell(['git', 'rm'], 'git status', block)).toBe('allow');
  });
});

describe('what cannot be known', () => {
  it('has the level of things that no list names', () => {
    expect(shell(['ls'], 'ls $X')).toBe('deny');
    expect(shell(['ls'], 'ls $X', { unlisted: 'require_approval' })).toBe('require_approval');
  });

  it.each([
    ['too long', 'ls '.repeat(100_000)],
    ['too deep', '$('.repeat(500)],
    ['too many programs that run others', `${'env '.repeat(50)}ls`],
    ['too many here-documents', '<<A '.repeat(300)],
  ])('includes text that is %s', (_, command) => {
    const decided = decideCommand(command);

    expect(decided.decision).toBe('deny');
    expect(decided.reasonCodes).toContain('COMMAND_TOO_COMPLEX');
  });

  it('is asked about once at a time', () => {
    expect(decideCommand('cat $X').allowedScopes).toEqual(['once']);
  });
});

describe('standard input', () => {
  it('counts as the script of a shell that has no other', () => {
    const run = (command: string, stdin: string) =>
      decide(
        bundleOf({
          ...emptyPolicy,
          capabilities: [
            {
              name: 'Shell.Exec',
              allowedCommands: ['bash', 'cat'],
              blockedCommands: ['sudo'],
              requiresApproval: false,
              unlisted: 'require_approval',
            },
          ],
        }),
        { toolName: 'RunCommand', arguments: { command, stdin } },
        linux,
      ).decision;

    expect(run('cat', 'sudo id')).toBe('allow');
    expect(run('bash', 'ls')).toBe('require_approval');
    expect(run('bash', 'sudo id')).toBe('deny');
  });
});

describe('preloadCommandParser', () => {
  it('settles', async () => {
    await expect(preloadCommandParser()).resolves.toBeUndefined();
  });
});

describe('a script that is handed to a shell or an interpreter', () => {
  const bundle = bundleOf({
    ...emptyPolicy,
    capabilities: [
      {
        name: 'Shell.Exec',
        allowedCommands: ['bash', 'sh', 'python3', 'node', 'env', 'source', '.'],
        blockedCommands: ['evil'],
        requiresApproval: false,
        unlisted: 'require_approval',
      },
      { name: 'File.Read', allowedPaths: ['${workspace}'], requiresApproval: false, unlisted: 'deny' },
    ],
    approvalRules: [
      {
        ruleId: 'deploys',
        title: 'Deploys',
        capability: 'Shell.Exec',
        match: { commands: ['deploy.py production'] },
        decision: 'require_approval',
      },
    ],
  });
  const run = (command: string) => decide(bundle, { toolName: 'RunCommand', arguments: { command } }, linux).decision;

  it.each([
    'bash ./evil',
    'sh evil',
    'bash -x -- tools/evil --now',
    'env A=b bash ./evil',
    'bash -o pipefail ./evil',
    'bash +x ./evil',
    'bash -c "sh ./evil"',
    'python3 ./evil',
    'node -- ./evil',
    'source ./evil',
    '. ./evil',
    'true && bash "./e"vil',
  ])('is refused where its name is blocked: %s', (command) => {
    expect(run(command)).toBe('deny');
  });

  it('is asked about where a rule names it with its words', () => {
    expect(run('python3 tools/deploy.py production')).toBe('require_approval');
    expect(run('python3 tools/deploy.py staging')).toBe('allow');
  });

  it('is not taken for a program that only its words name', () => {
    expect(run('bash ./build evil')).toBe('allow');
    expect(run('bash ./evil.sh')).toBe('allow');
  });
});
