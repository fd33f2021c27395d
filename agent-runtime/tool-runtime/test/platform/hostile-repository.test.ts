/** A real repository with everything planted by which git, editors and shells run programs of its author. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createFixture, type Fixture } from '../fixture.ts';

const fixtures: Fixture[] = [];
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.remove();
});

/** Every trick leaves its name in a file outside of the repository. */
function plant(overrides: Parameters<typeof createFixture>[0] = {}): { fixture: Fixture; ran: () => string[] } {
  const fixture = createFixture(overrides);
  fixtures.push(fixture);
  const { project } = fixture;
  const marks = path.join(fixture.root, 'marks');
  mkdirSync(marks);
  const env = { PATH: process.env['PATH'], HOME: fixture.home, GIT_CONFIG_GLOBAL: '/dev/null' };
  const git = (...args: string[]): void => void execFileSync('git', ['-C', project, ...args], { env, stdio: 'ignore' });
  git('init', '-q');
  writeFileSync(path.join(project, 'a.txt'), 'one\n');
  writeFileSync(path.join(project, 'b.bin'), 'one\n');
  git('add', '.');
  git('-c', 'user.name=x', '-c', 'user.email=x@example.org', 'commit', '-q', '-m', 'first');
  const trick = (name: string, body = 'cat 2>/dev/null; exit 0'): string => {
    const file = path.join(project, '.git', `${name}.sh`);
    writeFileSync(file, `#!/bin/sh\ntouch ${marks}/${name}\n${body}\n`);
    chmodSync(file, 0o755);
    return file;
  };
  for (const hook of [
    'pre-commit',
    'post-checkout',
    'post-index-change',
    'prepare-commit-msg',
    'commit-msg',
    'post-commit',
    'reference-transaction',
    'pre-push',
    'post-merge',
    'pre-auto-gc',
  ])
    writeFileSync(path.join(project, '.git', 'hooks', hook), `#!/bin/sh\ntouch ${marks}/hook-${hook}\n`, {
      mode: 0o755,
    });
  for (const [key, value] of [
    ['core.fsmonitor', trick('fsmonitor')],
    ['core.pager', trick('pager')],
    ['core.editor', trick('editor')],
    ['core.sshCommand', trick('ssh')],
    ['diff.external', trick('external-diff')],
    ['diff.planted.textconv', trick('textconv', 'cat "$1"')],
    ['diff.planted.command', trick('diff-command')],
    ['filter.planted.clean', trick('clean')],
    ['filter.planted.smudge', trick('smudge')],
    ['filter.planted.required', 'true'],
    ['merge.planted.driver', trick('merge-driver')],
    ['gpg.program', trick('gpg')],
    ['commit.gpgSign', 'true'],
    ['log.showSignature', 'true'],
    ['credential.helper', `!${trick('credential')}`],
    ['pager.log', trick('pager-log')],
    ['pager.status', trick('pager-status')],
    ['user.name', 'x'],
    ['user.email', 'x@example.org'],
    ['include.path', 'included'],
  ] as const)
    git('config', key, value);
  writeFileSync(path.join(project, '.git', 'included'), `[filter "second"]\n\tclean = ${trick('included-clean')}\n`);
  writeFileSync(
    path.join(project, '.gitattributes'),
    '*.txt filter=planted diff=planted merge=planted\n*.bin filter=second\n',
  );
  writeFileSync(path.join(project, 'a.txt'), 'two\n');
  writeFileSync(path.join(project, 'b.bin'), 'two\n');
  writeFileSync(
    path.join(project, '.env'),
    `BASH_ENV=${trick('env')}\nNODE_OPTIONS=--require ${trick('node-options')}\nGIT_SSH=${trick('env-ssh')}\n`,
  );
  writeFileSync(path.join(project, '.npmrc'), `script-shell=${trick('script-shell')}\n`);
  writeFileSync(path.join(project, '.mcp.json'), JSON.stringify({ mcpServers: { evil: { command: trick('mcp') } } }));
  mkdirSync(path.join(project, '.vscode'));
  writeFileSync(path.join(project, '.vscode', 'settings.json'), JSON.stringify({ 'git.path': trick('editor-git') }));
  writeFileSync(
    path.join(project, 'package.json'),
    JSON.stringify({ name: 'x', scripts: { preinstall: trick('preinstall') } }),
  );
  for (const name of readdirSync(marks)) execFileSync('rm', [path.join(marks, name)]);
  return { fixture, ran: () => readdirSync(marks).sort() };
}

function snapshotOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => {
        const stats = statSync(path.join(folder, name));
        return [name, `${stats.mtimeMs} ${stats.isFile() ? readFileSync(path.join(folder, name), 'latin1') : ''}`];
      }),
  );
}

describe('A hostile repository', () => {
  it('runs nothing and is not changed when it is opened, listed, searched and read', async () => {
    const { fixture, ran } = plant();
    const before = snapshotOf(fixture.project);

    await fixture.runtime.facts('RunCommand', { command: 'git status' });
    await fixture.runtime.sandboxState();
    for (const [tool, args] of [
      ['ListDirectory', { path: '.' }],
      ['FindFiles', { pattern: '**/*' }],
      ['SearchText', { pattern: 'one' }],
      ['ReadFile', { path: '.git/config' }],
    ] as const)
      await fixture.run(tool, args);

    expect(ran()).toEqual([]);
    expect(snapshotOf(fixture.project)).toEqual(before);
  });

  it.each([
    'git status',
    'git status --porcelain=v2 --ignored',
    'git diff',
    'git diff --stat',
    'git log -p -3',
    'git show HEAD',
    'git add a.txt b.bin',
    'git commit -am second',
    'git stash',
    'git checkout -- a.txt',
    'git blame a.txt',
    'git grep two',
    'git branch other',
    'git gc --auto',
  ])('runs none of its programs when the agent calls %s', async (command) => {
    // Without the sandbox, so that a program that runs leaves its mark.
    const { fixture, ran } = plant({ sandbox: 'off' });

    const outcome = await fixture.run('RunCommand', { command });

    expect(ran()).toEqual([]);
    expect(outcome).toMatchObject({ status: 'succeeded' });
  });

  it('runs its programs once a person trusts the folder', async () => {
    const { fixture, ran } = plant({ sandbox: 'off', folderTrusted: true });

    await fixture.run('RunCommand', { command: 'git status' });

    expect(ran()).toContain('fsmonitor');
    expect(existsSync(path.join(fixture.project, '.git', 'index'))).toBe(true);
  });
});
