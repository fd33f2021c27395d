import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { builtInTools } from '@steward/contracts';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createFixture, type Fixture } from './fixture.ts';

let fixture: Fixture;
beforeEach(() => {
  fixture = createFixture();
});
afterEach(() => fixture.remove());

describe('The tool runtime', () => {
  it('offers every tool of the contracts', () => {
    expect(fixture.runtime.list()).toEqual(builtInTools);
  });

  it('names the field and the rule of wrong arguments and never throws', () => {
    const { validate } = fixture.runtime;

    expect(validate('ReadFile', { path: 'a' })).toEqual({ ok: true, args: { path: 'a' } });
    expect(
      [
        validate('ReadFile', {}),
        validate('ReadFile', { path: 'a', lines: 3 }),
        validate('ReadFile', null),
        validate('ReadFile', { path: 'a\0b' }),
        validate('UploadArtifact', { name: 'x' }),
        validate('UploadArtifact', { name: 'x', path: 'a', content: 'b' }),
        validate('Reboot', {}),
      ].map((each) => (each.ok ? 'ok' : each.error.code)),
    ).toEqual([...Array(6).fill('INVALID_REQUEST'), 'TOOL_NOT_FOUND']);
  });

  it('refuses wrong arguments and unknown tools when executing, too', async () => {
    const wrong = await fixture.run('ReadFile', {});
    const unknown = await fixture.run('Reboot', {});

    expect([wrong, unknown].map(({ status, error }) => [status, error?.code])).toEqual([
      ['failed', 'INVALID_REQUEST'],
      ['failed', 'TOOL_NOT_FOUND'],
    ]);
  });

  it('does not begin what was cancelled before', async () => {
    const outcome = await fixture.run('WriteFile', { path: 'a', content: 'b' }, { signal: AbortSignal.abort() });

    expect(outcome.error?.details).toEqual({ cancelled: true, begun: false });
  });

  it('gathers where paths really lead, without a file having to exist', async () => {
    mkdirSync(path.join(fixture.project, 'src'));
    symlinkSync(fixture.home, path.join(fixture.project, 'out'));

    const facts = await fixture.runtime.facts('WriteFile', { path: 'out/new/file.txt' });

    expect(facts).toEqual({
      platform: 'linux',
      cwd: fixture.project,
      homeDir: fixture.home,
      workspaceDir: fixture.project,
      folderTrusted: false,
      realPaths: {
        [fixture.project]: fixture.project,
        [path.join(fixture.project, 'out/new/file.txt')]: path.join(fixture.home, 'new/file.txt'),
      },
    });
  });

  it('gathers where the folder and the words of a command lead', async () => {
    mkdirSync(path.join(fixture.project, 'src'));
    symlinkSync(path.join(fixture.home, 'secret'), path.join(fixture.project, 'src/link'));
    writeFileSync(path.join(fixture.home, 'secret'), 'x');

    const { realPaths } = await fixture.runtime.facts('RunCommand', { command: 'cat link > /etc/x', cwd: 'src' });

    expect(realPaths).toMatchObject({
      [path.join(fixture.project, 'src/link')]: path.join(fixture.home, 'secret'),
      '/etc/x': '/etc/x',
    });
  });

  it('gathers where a command leads that climbs out of a link', async () => {
    mkdirSync(path.join(fixture.home, 'deep'));
    symlinkSync(path.join(fixture.home, 'deep'), path.join(fixture.project, 'link'));
    symlinkSync('/etc/passwd', path.join(fixture.home, 'trap'));

    const { realPaths } = await fixture.runtime.facts('RunCommand', { command: 'cat link/../trap' });

    expect(realPaths).toMatchObject({
      [path.join(fixture.project, 'link')]: path.join(fixture.home, 'deep'),
      [path.join(fixture.home, 'trap')]: '/etc/passwd',
    });
  });

  it('describes actions in words for the card and exactly for the approval', async () => {
    writeFileSync(path.join(fixture.project, 'a.ts'), 'const a = 1;\n');
    const describeAction = fixture.runtime.describe;

    const edit = await describeAction('EditFile', { path: 'a.ts', oldText: 'a = 1', newText: 'a = 2' });
    const command = await describeAction('RunCommand', { command: 'rm -rf build && npm test' });

    expect(edit).toEqual({
      title: 'Edit a.ts',
      summary: 'Edited a.ts',
      subject: {
        kind: 'file_write',
        path: path.join(fixture.project, 'a.ts'),
        diff: '--- a/a.ts\n+++ b/a.ts\n@@ -1,1 +1,1 @@\n-const a = 1;\n+const a = 2;\n',
      },
      undo: 'The change can be reverted from the patch until the conversation ends.',
      writes: [path.join(fixture.project, 'a.ts')],
    });
    expect(command).toEqual({
      title: 'Run rm -rf build && npm test',
      summary: 'Ran rm -rf build && npm test',
      subject: {
        kind: 'command',
        command: 'rm -rf build && npm test',
        cwd: fixture.project,
        riskyParts: ['rm', '-rf'],
      },
      undo: "What a command does can't be undone by Steward; files it changes are not in the patch.",
      writes: ['*'],
    });
  });

  it('shows nothing of a file outside the project in a description', async () => {
    writeFileSync(path.join(fixture.home, 'keys'), 'SECRET\n');

    const description = await fixture.runtime.describe('WriteFile', { path: '~/keys', content: 'mine\n' });

    expect(JSON.stringify(description)).not.toContain('SECRET');
  });

  it('needs absolute paths in a conversation without a folder', async () => {
    const general = createFixture({ general: true });
    writeFileSync(path.join(general.project, 'a.txt'), 'text');

    const relative = await general.run('ReadFile', { path: 'a.txt' });
    const absolute = await general.run('ReadFile', { path: path.join(general.project, 'a.txt') });
    const facts = await general.runtime.facts('ReadFile', { path: 'a.txt' });
    const description = await general.runtime.describe('WriteFile', { path: 'a.txt', content: 'x' });
    await general.remove();

    expect(description).toMatchObject({ title: 'WriteFile a.txt', subject: { kind: 'file_write', path: 'a.txt' } });
    expect([relative.error?.code, absolute.outputText]).toEqual(['INVALID_REQUEST', 'text']);
    expect(facts).toEqual({
      platform: 'linux',
      cwd: general.home,
      homeDir: general.home,
      realPaths: { [general.home]: general.home },
    });
  });

  it('keeps texts and files as artifacts', async () => {
    writeFileSync(path.join(fixture.project, 'report.txt'), 'report');

    const text = await fixture.run('UploadArtifact', { name: 'note', content: 'text', contentType: 'text/markdown' });
    const file = await fixture.run('UploadArtifact', { name: 'report', path: 'report.txt' });
    const outside = await fixture.run('UploadArtifact', { name: 'secret', path: '/etc/passwd' });

    expect([text.status, file.status, outside.status]).toEqual(['succeeded', 'succeeded', 'denied']);
    expect(fixture.artifacts.map(({ name, contentType, artifactType }) => [name, contentType, artifactType])).toEqual([
      ['note', 'text/markdown', 'file'],
      ['report', 'text/plain; charset=utf-8', 'file'],
    ]);
  });

  it('fails an upload that is not kept, but no other tool for it', async () => {
    const offline = createFixture({ uploadArtifact: () => Promise.reject(new Error('offline')) });

    const upload = await offline.run('UploadArtifact', { name: 'note', content: 'text' });
    const command = await offline.run('RunCommand', { command: 'seq 1 5000' });
    await offline.remove();

    expect(upload.error?.code).toBe('WORKSPACE_UPLOAD_FAILED');
    expect(command.status).toBe('succeeded');
    expect(command.artifactUris).toBeUndefined();
  });
});
