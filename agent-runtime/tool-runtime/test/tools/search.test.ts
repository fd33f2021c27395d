import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
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

describe('ListDirectory, FindFiles and SearchText', () => {
  beforeEach(() => {
    put('.gitignore', 'dist/\n*.log\n!keep.log\n');
    put('src/.gitignore', 'generated.ts\n');
    put('src/b.ts', 'export const b = 2;\n');
    put('src/a.ts', 'export const a = 1;\r\nneedle here\r\n');
    put('src/generated.ts', 'needle\n');
    put('dist/out.js', 'needle\n');
    put('x.log', 'needle\n');
    put('keep.log', 'needle kept\n');
    put('.git/config', 'needle\n');
    put('image.bin', Buffer.from('needle\0\0'));
    mkdirSync(path.join(fixture.home, 'outside'));
    writeFileSync(path.join(fixture.home, 'outside/s.txt'), 'needle\n');
    symlinkSync(path.join(fixture.home, 'outside'), path.join(fixture.project, 'way-out'));
  });

  it('lists sorted, marks folders and links, honours nested ignore files', async () => {
    const flat = await fixture.run('ListDirectory', { path: '.' });
    const deep = await fixture.run('ListDirectory', { path: '.', depth: 2 });

    expect(flat.outputText?.split('\n')).toEqual([
      '.gitignore',
      'image.bin',
      'keep.log',
      'src/',
      `way-out -> ${fixture.home}/outside`,
    ]);
    expect(deep.outputText?.split('\n')).toContain('src/a.ts');
    expect(deep.outputText).not.toContain('generated.ts');
  });

  it('finds files by glob, sorted by path', async () => {
    const all = await fixture.run('FindFiles', { pattern: '**/*.{ts,log}' });
    const below = await fixture.run('FindFiles', { pattern: '*.ts', path: 'src' });
    const none = await fixture.run('FindFiles', { pattern: '*.py' });

    expect(all.outputText).toBe('keep.log\nsrc/a.ts\nsrc/b.ts');
    expect(below.outputText).toBe('a.ts\nb.ts');
    expect(none.outputText).toBe('[no file matches]');
  });

  it('finds lines as path:line:text and never leaves the folder through a link', async () => {
    const literal = await fixture.run('SearchText', { pattern: 'needle' });
    const expression = await fixture.run('SearchText', { pattern: '^export\\s+const \\w+', glob: '*.ts' });
    const insensitive = await fixture.run('SearchText', { pattern: 'NEEDLE', caseSensitive: false, path: 'src/a.ts' });
    const through = await fixture.run('SearchText', { pattern: 'needle', path: 'way-out' });

    expect(literal.outputText).toBe('keep.log:1:needle kept\nsrc/a.ts:2:needle here');
    expect(expression.outputText).toBe('src/a.ts:1:export const a = 1;\nsrc/b.ts:1:export const b = 2;');
    expect(insensitive.outputText).toBe('src/a.ts:2:needle here');
    expect(through).toMatchObject({ status: 'denied', error: { code: 'CAPABILITY_DENIED' } });
  });

  it('looks into an ignored folder that is named', async () => {
    const listed = await fixture.run('ListDirectory', { path: 'dist' });
    const found = await fixture.run('SearchText', { pattern: 'needle', path: 'dist' });

    expect([listed.outputText, found.outputText]).toEqual(['out.js', 'dist/out.js:1:needle']);
  });

  it('does not look into files that the walls refuse, although the folder is allowed', async () => {
    const walls = {
      ...fixture.walls,
      checkPath: (capability: 'File.Read' | 'File.Write' | 'File.Delete', real: string) =>
        fixture.walls.checkPath(capability, real) && !real.endsWith('keep.log'),
    };

    const found = await fixture.run('SearchText', { pattern: 'needle' }, { walls });
    const listed = await fixture.run('FindFiles', { pattern: '**/*.log' }, { walls });

    expect(found.outputText).toBe('src/a.ts:2:needle here');
    expect(listed.outputText).toBe('[no file matches]');
  });

  it('explains a pattern that is no RE2 expression', async () => {
    const outcome = await fixture.run('SearchText', { pattern: '(?=x)(' });

    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'INVALID_REQUEST' } });
    expect(outcome.error?.message).toContain('RE2');
  });

  it('takes linear time for a pattern that would stall a backtracking engine', async () => {
    put('evil.txt', `${'a'.repeat(50_000)}!\n`);

    const outcome = await fixture.run('SearchText', { pattern: '^(a+)+$', path: 'evil.txt' });

    expect(outcome.outputText).toBe('[no line matches]');
  });

  it('gives the event loop its turns while it searches', async () => {
    for (let i = 0; i < 40; i++) put(`many/f${i}.txt`, 'some line of text\n'.repeat(10_000));
    let turns = 0;
    const count = setInterval(() => turns++, 1);

    const outcome = await fixture.run('SearchText', { pattern: 'l[ai]ne? of [b-z]ext$', path: 'many' });
    clearInterval(count);

    expect(outcome.outputText).toContain('more lines match');
    expect(turns).toBeGreaterThan(3);
  });

  it('stops when the task is cancelled', async () => {
    const cancel = new AbortController();
    for (let i = 0; i < 200; i++) put(`many/f${i}.txt`, 'line\n'.repeat(5_000));

    const running = fixture.run('SearchText', { pattern: 'l.ne', path: 'many' }, { signal: cancel.signal });
    setImmediate(() => cancel.abort());
    const outcome = await running;

    expect(outcome.outputText).toContain('stopped before the end');
  });
});
