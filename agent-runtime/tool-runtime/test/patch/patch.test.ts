import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { EffectIntent, EffectOutcome } from '@steward/tool-port';
import { createToolRuntime } from '../../src/index.ts';
import { systemClock } from '@steward/sdk';
import { createFixture, taskId, type Fixture } from '../fixture.ts';

let fixture: Fixture;
beforeEach(() => {
  fixture = createFixture();
  writeFileSync(at('modified.txt'), 'one\ntwo\n');
  writeFileSync(at('deleted.txt'), 'gone\n');
});
afterEach(() => fixture.remove());

const at = (name: string): string => path.join(fixture.project, name);

async function changeThree(): Promise<void> {
  await fixture.effect('WriteFile', { path: 'added.txt', content: 'new\n' });
  await fixture.effect('EditFile', { path: 'modified.txt', oldText: 'two', newText: 'zwei' });
  await fixture.effect('EditFile', { path: 'modified.txt', oldText: 'zwei', newText: 'deux' });
  await fixture.effect('DeleteFile', { path: 'deleted.txt' });
}

describe('The patch of a task', () => {
  it('shows added, modified and deleted files against the content before the task', async () => {
    await changeThree();

    const files = await fixture.runtime.patch.preview(taskId);

    expect(files).toEqual([
      {
        path: 'added.txt',
        absolutePath: at('added.txt'),
        status: 'added',
        additions: 1,
        deletions: 0,
        binary: false,
        diff: '--- /dev/null\n+++ b/added.txt\n@@ -0,0 +1,1 @@\n+new\n',
      },
      {
        path: 'deleted.txt',
        absolutePath: at('deleted.txt'),
        status: 'deleted',
        additions: 0,
        deletions: 1,
        binary: false,
        diff: '--- a/deleted.txt\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-gone\n',
      },
      {
        path: 'modified.txt',
        absolutePath: at('modified.txt'),
        status: 'modified',
        additions: 1,
        deletions: 1,
        binary: false,
        diff: '--- a/modified.txt\n+++ b/modified.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+deux\n',
      },
    ]);
  });

  it('brings every file back to what it was, with its mode', async () => {
    chmodSync(at('deleted.txt'), 0o640);
    await changeThree();

    const result = await fixture.runtime.patch.revert(taskId);
    const after = await fixture.runtime.patch.preview(taskId);

    expect({ reverted: result.reverted.sort(), refused: result.refused }).toEqual({
      reverted: ['added.txt', 'deleted.txt', 'modified.txt'],
      refused: [],
    });
    expect(existsSync(at('added.txt'))).toBe(false);
    expect(readFileSync(at('modified.txt'), 'utf8')).toBe('one\ntwo\n');
    expect(readFileSync(at('deleted.txt'), 'utf8')).toBe('gone\n');
    expect(statSync(at('deleted.txt')).mode & 0o777).toBe(0o640);
    expect(after.map(({ status }) => status)).toEqual(['reverted', 'reverted', 'reverted']);
  });

  it('reverts one file by its path, relative or absolute, and names a file that the task did not change', async () => {
    await changeThree();

    const one = await fixture.runtime.patch.revert(taskId, 'modified.txt');
    const other = await fixture.runtime.patch.revert(taskId, at('added.txt'));
    const none = await fixture.runtime.patch.revert(taskId, 'unknown.txt');

    expect([one.reverted, other.reverted, none]).toEqual([
      ['modified.txt'],
      ['added.txt'],
      { reverted: [], refused: [{ path: 'unknown.txt', reason: 'This task did not change the file.' }] },
    ]);
  });

  it('refuses to overwrite what someone else changed since, unless forced', async () => {
    await changeThree();
    writeFileSync(at('modified.txt'), 'mine now\n');

    const [preview] = (await fixture.runtime.patch.preview(taskId)).filter(({ path: name }) => name === 'modified.txt');
    const refused = await fixture.runtime.patch.revert(taskId, 'modified.txt');
    const kept = readFileSync(at('modified.txt'), 'utf8');
    const forced = await fixture.runtime.patch.revert(taskId, 'modified.txt', true);

    expect(preview?.changedSince).toBe(true);
    expect(refused).toMatchObject({ reverted: [], refused: [{ path: 'modified.txt' }] });
    expect(kept).toBe('mine now\n');
    expect(forced).toEqual({ reverted: ['modified.txt'], refused: [] });
    expect(readFileSync(at('modified.txt'), 'utf8')).toBe('one\ntwo\n');
  });

  it('is empty after it was accepted, and for a task that changed nothing', async () => {
    await changeThree();

    fixture.runtime.patch.accept(taskId);

    expect(await fixture.runtime.patch.preview(taskId)).toEqual([]);
    expect(await fixture.runtime.patch.preview('task_other')).toEqual([]);
  });

  it('is rebuilt by another process from journalled intents and outcomes', async () => {
    const journal: [EffectIntent, EffectOutcome][] = [];
    for (const [toolName, args] of [
      ['WriteFile', { path: 'added.txt', content: 'new\n' }],
      ['DeleteFile', { path: 'deleted.txt' }],
    ] as const) {
      const request = fixture.request(toolName, args);
      const intent = await fixture.runtime.prepare(request);
      await fixture.run(toolName, args, { intent });
      journal.push([JSON.parse(JSON.stringify(intent)) as EffectIntent, 'done']);
    }

    const next = createToolRuntime({
      projectDir: fixture.project,
      stateDir: fixture.state,
      homeDir: fixture.home,
      platform: process.platform,
      clock: systemClock,
      env: {},
      uploadArtifact: () => Promise.reject(new Error('unused')),
    });
    for (const [intent, outcome] of journal) next.patch.record(taskId, intent, outcome);

    expect((await next.patch.preview(taskId)).map(({ path: name, status }) => [name, status])).toEqual([
      ['added.txt', 'added'],
      ['deleted.txt', 'deleted'],
    ]);
    expect((await next.patch.revert(taskId)).reverted).toEqual(['added.txt', 'deleted.txt']);
  });
});

describe('An intent without outcome', () => {
  it('is proved done, not done or unknown by the content of the file', async () => {
    const request = fixture.request('EditFile', { path: 'modified.txt', oldText: 'two', newText: 'zwei' });
    const intent = await fixture.runtime.prepare(request);

    const before = await fixture.runtime.reconcile(intent);
    await fixture.run('EditFile', request.arguments, { intent });
    const after = await fixture.runtime.reconcile(intent);
    writeFileSync(at('modified.txt'), 'something else\n');
    const changed = await fixture.runtime.reconcile(intent);

    expect([before, after, changed]).toEqual(['not_done', 'done', 'unknown']);
  });

  it('is proved for created and deleted files too, and never for commands and requests', async () => {
    const create = await fixture.runtime.prepare(fixture.request('WriteFile', { path: 'new/a.txt', content: 'x' }));
    const remove = await fixture.runtime.prepare(fixture.request('DeleteFile', { path: 'deleted.txt' }));
    const command = await fixture.runtime.prepare(fixture.request('RunCommand', { command: 'true' }));
    const before = await Promise.all([create, remove, command].map((intent) => fixture.runtime.reconcile(intent)));

    await fixture.run('WriteFile', { path: 'new/a.txt', content: 'x' });
    await fixture.run('DeleteFile', { path: 'deleted.txt' });
    const after = await Promise.all([create, remove, command].map((intent) => fixture.runtime.reconcile(intent)));

    expect([before, after]).toEqual([
      ['not_done', 'not_done', 'unknown'],
      ['done', 'done', 'unknown'],
    ]);
  });

  it('never throws when the target can not be looked at', async () => {
    const intent = await fixture.runtime.prepare(fixture.request('WriteFile', { path: '.', content: 'x' }));

    expect(intent.target).toBeUndefined();
    expect(await fixture.runtime.reconcile(intent)).toBe('unknown');
  });
});
