import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { createFixture, type Fixture } from '../fixture.ts';

let fixture: Fixture;
beforeEach(() => {
  fixture = createFixture();
});
afterEach(() => fixture.remove());

const put = (name: string, content: string | Buffer): void => {
  mkdirSync(path.dirname(path.join(fixture.project, name)), { recursive: true });
  writeFileSync(path.join(fixture.project, name), content);
};

describe('ReadFile', () => {
  it('returns the plain content with its provenance', async () => {
    put('a.txt', 'one\ntwo\n');

    const outcome = await fixture.run('ReadFile', { path: 'a.txt' });

    expect(outcome).toMatchObject({
      status: 'succeeded',
      outputText: 'one\ntwo\n',
      provenance: { source: 'repository_file', trust: 'untrusted', detail: 'a.txt' },
    });
  });

  it('returns a range of lines and says how to go on', async () => {
    put('a.txt', 'l0\nl1\nl2\nl3\n');

    const middle = await fixture.run('ReadFile', { path: 'a.txt', offset: 1, limit: 2 });
    const end = await fixture.run('ReadFile', { path: 'a.txt', offset: 3, limit: 10 });
    const beyond = await fixture.run('ReadFile', { path: 'a.txt', offset: 9 });

    expect(middle.outputText).toBe('l1\nl2\n[truncated: lines 1 to 2 of 4 shown; continue with offset 3]');
    expect(end.outputText).toBe('l3\n');
    expect(beyond.outputText).toBe('[no lines: the file has 4 lines, offset is 9]');
  });

  it('cuts long files at a line and can be continued without loss', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `line ${i} ${'x'.repeat(20)}\n`);
    put('long.txt', lines.join(''));
    let read = '';

    for (let offset = 0; ;) {
      const { outputText = '' } = await fixture.run('ReadFile', { path: 'long.txt', offset });
      const next = /continue with offset (\d+)\]$/.exec(outputText);
      read += outputText.replace(/\[truncated: .*\]$/, '');
      if (next === null) break;
      offset = Number(next[1]);
    }

    expect(read).toBe(lines.join(''));
  });

  it('describes binary files and keeps images as artifacts', async () => {
    put('a.bin', Buffer.from([0, 1, 2, 3]));
    const image = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(100)]);
    put('a.png', image);

    const binary = await fixture.run('ReadFile', { path: 'a.bin' });
    const picture = await fixture.run('ReadFile', { path: 'a.png' });

    expect(binary.outputText).toBe('[binary file: a.bin, 4 bytes; not shown]');
    expect(picture.outputText).toMatch(/^\[image: a\.png, image\/png, 108 bytes; kept as artifact art_/);
    expect(picture.artifactUris).toHaveLength(1);
    expect(fixture.artifacts).toMatchObject([
      { artifactType: 'image', contentType: 'image/png', source: { kind: 'bytes', bytes: image } },
    ]);
  });

  it('refuses what is missing, a folder, a named pipe, too large or outside', async () => {
    put('big.txt', 'x'.repeat(2000));
    writeFileSync(path.join(fixture.home, 'secret'), 'secret');
    symlinkSync(path.join(fixture.home, 'secret'), path.join(fixture.project, 'link'));
    spawnSync('mkfifo', [path.join(fixture.project, 'pipe')]);
    const walls = { ...fixture.walls, maxFileSizeBytes: 1000 };

    const outcomes = await Promise.all(
      ['missing', '.', 'pipe', 'big.txt', '../home/secret', 'link', '~/secret'].map((name) =>
        fixture.run('ReadFile', { path: name }, { walls }),
      ),
    );

    expect(outcomes.map(({ status, error }) => [status, error?.code])).toEqual([
      ['failed', 'FILE_NOT_FOUND'],
      ['failed', 'INVALID_REQUEST'],
      ['failed', 'INVALID_REQUEST'],
      ['failed', 'FILE_TOO_LARGE'],
      ['denied', 'CAPABILITY_DENIED'],
      ['denied', 'CAPABILITY_DENIED'],
      ['denied', 'CAPABILITY_DENIED'],
    ]);
  });

  it('follows a link that stays inside the walls', async () => {
    put('real.txt', 'inside\n');
    symlinkSync('real.txt', path.join(fixture.project, 'link.txt'));

    const outcome = await fixture.run('ReadFile', { path: 'link.txt' });

    expect(outcome.outputText).toBe('inside\n');
  });
});
