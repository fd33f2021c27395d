import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { createFixture, type Fixture } from '../fixture.ts';

let fixture: Fixture;
beforeEach(() => {
  fixture = createFixture();
});
afterEach(() => fixture.remove());

const at = (name: string): string => path.join(fixture.project, name);
const read = (name: string): string => readFileSync(at(name), 'utf8');

describe('WriteFile', () => {
  it('creates missing folders and leaves nothing else behind', async () => {
    const outcome = await fixture.run('WriteFile', { path: 'x/y/new.txt', content: 'hello\n' });

    expect(outcome).toMatchObject({
      status: 'succeeded',
      diff: '--- /dev/null\n+++ b/x/y/new.txt\n@@ -0,0 +1,1 @@\n+hello\n',
    });
    expect(read('x/y/new.txt')).toBe('hello\n');
    expect(readdirSync(at('x/y'))).toEqual(['new.txt']);
  });

  it('keeps mode, line endings and byte order mark of the file it replaces', async () => {
    writeFileSync(at('a.sh'), '\ufeffone\r\ntwo\r\n');
    chmodSync(at('a.sh'), 0o750);

    await fixture.run('WriteFile', { path: 'a.sh', content: 'three\nfour\n' });

    expect(read('a.sh')).toBe('\ufeffthree\r\nfour\r\n');
    expect(statSync(at('a.sh')).mode & 0o777).toBe(0o750);
  });

  it('writes to the real file behind a link inside the walls and keeps the link', async () => {
    writeFileSync(at('real.txt'), 'old\n');
    symlinkSync('real.txt', at('link.txt'));

    const outcome = await fixture.run('WriteFile', { path: 'link.txt', content: 'new\n' });

    expect(outcome.status).toBe('succeeded');
    expect(read('real.txt')).toBe('new\n');
    expect(readdirSync(fixture.project).sort()).toEqual(['link.txt', 'real.txt']);
  });

  it('refuses links that lead outside, also through a folder or to a file that does not exist yet', async () => {
    symlinkSync(fixture.home, at('out'));
    symlinkSync(path.join(fixture.home, 'new'), at('dangling'));

    const outcomes = await Promise.all(
      ['out/f', 'dangling', '../home/f', 'out/deep/er/f'].map((name) =>
        fixture.run('WriteFile', { path: name, content: 'x' }),
      ),
    );

    expect(outcomes.map(({ status }) => status)).toEqual(['denied', 'failed', 'denied', 'denied']);
    expect(readdirSync(fixture.home)).toEqual([]);
  });

  it('refuses to replace a folder, and a file that was changed since it was prepared', async () => {
    mkdirSync(at('folder'));
    writeFileSync(at('a.txt'), 'old\n');
    const request = fixture.request('WriteFile', { path: 'a.txt', content: 'new\n' });
    const intent = await fixture.runtime.prepare(request);
    writeFileSync(at('a.txt'), 'changed by a person\n');

    const folder = await fixture.run('WriteFile', { path: 'folder', content: 'x' });
    const changed = await fixture.run('WriteFile', request.arguments, { intent });

    expect(folder.error?.code).toBe('INVALID_REQUEST');
    expect(changed.error?.code).toBe('CONFLICT');
    expect(read('a.txt')).toBe('changed by a person\n');
  });

  it('names the disk when it is full and leaves the old content whole', async () => {
    const { toToolError } = await import('../../src/problem.ts');
    const problem = toToolError(Object.assign(new Error('x'), { code: 'ENOSPC' }));

    expect(problem).toEqual({
      code: 'TOOL_EXECUTION_FAILED',
      message: 'The file could not be written: the disk is full. Nothing was changed; free some space and try again.',
      details: { systemCode: 'ENOSPC' },
    });
  });

  it('keeps a long diff as an artifact', async () => {
    await fixture.run('WriteFile', { path: 'a.txt', content: 'line of text\n'.repeat(2000) });

    expect(fixture.artifacts).toMatchObject([{ artifactType: 'file_diff', name: 'a.txt.diff' }]);
  });
});

describe('EditFile', () => {
  it('replaces text that occurs exactly once and returns the diff', async () => {
    writeFileSync(at('a.ts'), 'const a = 1;\nconst b = 2;\n');

    const outcome = await fixture.run('EditFile', { path: 'a.ts', oldText: 'a = 1', newText: 'a = $& 3' });

    expect(outcome.diff).toBe(
      '--- a/a.ts\n+++ b/a.ts\n@@ -1,2 +1,2 @@\n-const a = 1;\n+const a = $& 3;\n const b = 2;\n',
    );
    expect(read('a.ts')).toBe('const a = $& 3;\nconst b = 2;\n');
  });

  it('fails unless the text is there exactly once, and changes nothing', async () => {
    writeFileSync(at('a.txt'), 'aXa aXa\naaa\n');

    const outcomes = await Promise.all(
      ['missing', 'aXa', 'aa'].map((oldText) => fixture.run('EditFile', { path: 'a.txt', oldText, newText: 'b' })),
    );

    expect(outcomes.map(({ error }) => error?.message.split('.')[0])).toEqual([
      'oldText does not occur in a',
      'oldText occurs twice in a',
      'oldText occurs twice in a',
    ]);
    expect(read('a.txt')).toBe('aXa aXa\naaa\n');
  });

  it('edits a CRLF file with LF text and keeps it CRLF', async () => {
    writeFileSync(at('a.txt'), 'one\r\ntwo\r\nthree\r\n');

    const outcome = await fixture.run('EditFile', { path: 'a.txt', oldText: 'one\ntwo\n', newText: '1\n2\n2b\n' });

    expect(outcome.status).toBe('succeeded');
    expect(read('a.txt')).toBe('1\r\n2\r\n2b\r\nthree\r\n');
  });

  it('refuses missing, binary and outside files', async () => {
    writeFileSync(at('a.bin'), Buffer.from([1, 0, 2]));
    writeFileSync(path.join(fixture.home, 'f'), 'text');

    const outcomes = await Promise.all(
      ['missing', 'a.bin', '../home/f'].map((name) =>
        fixture.run('EditFile', { path: name, oldText: 'text', newText: 'b' }),
      ),
    );

    expect(outcomes.map(({ error }) => error?.code)).toEqual([
      'FILE_NOT_FOUND',
      'INVALID_REQUEST',
      'CAPABILITY_DENIED',
    ]);
  });
});

describe('DeleteFile', () => {
  it('removes one file and keeps its content aside', async () => {
    writeFileSync(at('a.txt'), 'precious\n');

    const outcome = await fixture.effect('DeleteFile', { path: 'a.txt' });

    expect(outcome).toMatchObject({
      status: 'succeeded',
      diff: '--- a/a.txt\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-precious\n',
    });
    expect(existsSync(at('a.txt'))).toBe(false);
    expect(readdirSync(path.join(fixture.state, 'contents'))).toHaveLength(1);
  });

  it('refuses folders, links and missing files', async () => {
    mkdirSync(at('folder'));
    writeFileSync(at('a.txt'), 'x');
    symlinkSync('a.txt', at('link'));

    const outcomes = await Promise.all(
      ['folder', 'link', 'missing'].map((name) => fixture.run('DeleteFile', { path: name })),
    );

    expect(outcomes.map(({ error }) => error?.code)).toEqual(['INVALID_REQUEST', 'INVALID_REQUEST', 'FILE_NOT_FOUND']);
    expect(readdirSync(fixture.project).sort()).toEqual(['a.txt', 'folder', 'link']);
  });
});
