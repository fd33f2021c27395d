import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { createFixture, type Fixture } from '../fixture.ts';

/** `npm run races -- --count 10000` runs as many as it is told; every run of the tests a few. */
const attempts = Number(process.env['STEWARD_RACES'] ?? 500);
jest.setTimeout(180_000 + attempts * 60);

/** Swaps a name between something inside and a link to the outside, as fast as it can, in another process. */
const swapper = `
const fs = require('fs');
const [name, inside, outside] = process.argv.slice(1);
process.stdout.write('ready');
const isFile = fs.statSync(name).isFile();
if (isFile) fs.renameSync(name, inside);
while (isFile) {
  fs.symlinkSync(outside, name + '.link');
  fs.renameSync(name + '.link', name);
  fs.linkSync(inside, name + '.file');
  fs.renameSync(name + '.file', name);
}
for (;;) {
  try { fs.renameSync(name, inside); } catch {}
  try { fs.symlinkSync(outside, name); } catch {}
  try { fs.unlinkSync(name); } catch {}
  try { fs.renameSync(inside, name); } catch {}
}`;

let fixture: Fixture;
let attacker: ChildProcess | undefined;
beforeEach(() => {
  fixture = createFixture();
});
afterEach(async () => {
  if (attacker !== undefined) {
    const gone = once(attacker, 'exit');
    attacker.kill('SIGKILL');
    await gone;
    attacker = undefined;
  }
  await fixture.remove();
});

async function attack(name: string, outside: string): Promise<void> {
  attacker = spawn(process.execPath, ['-e', swapper, name, `${name}.aside`, outside], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(attacker.stdout!, 'data');
}

describe('A link swapped while a tool runs', () => {
  it('never lets ReadFile return what lies outside', async () => {
    writeFileSync(path.join(fixture.home, 'secret.txt'), 'SECRET');
    writeFileSync(path.join(fixture.project, 'a.txt'), 'harmless');
    await attack(path.join(fixture.project, 'a.txt'), path.join(fixture.home, 'secret.txt'));
    const seen = new Set<string>();

    for (let i = 0; i < attempts; i++)
      seen.add((await fixture.run('ReadFile', { path: 'a.txt' })).outputText ?? 'refused');

    expect([...seen].filter((text) => text.includes('SECRET'))).toEqual([]);
    expect([...seen].filter((text) => text !== 'harmless' && text !== 'refused')).toEqual([]);
  });

  it('never lets WriteFile and DeleteFile touch what lies outside through a swapped folder', async () => {
    const outside = path.join(fixture.home, 'outside');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'b.txt'), 'UNTOUCHED');
    const folder = path.join(fixture.project, 'folder');
    mkdirSync(folder);
    await attack(folder, outside);

    for (let i = 0; i < attempts; i++) {
      await fixture.run('WriteFile', { path: 'folder/b.txt', content: `written ${i}` });
      await fixture.run('DeleteFile', { path: 'folder/b.txt' });
    }

    expect(readdirSync(outside)).toEqual(['b.txt']);
    expect(readFileSync(path.join(outside, 'b.txt'), 'utf8')).toBe('UNTOUCHED');
  });

  it('never lets SearchText show what lies outside through a swapped folder', async () => {
    const outside = path.join(fixture.home, 'outside');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'c.txt'), 'SECRET needle');
    const folder = path.join(fixture.project, 'folder');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'c.txt'), 'harmless needle');
    await attack(folder, outside);
    const seen = new Set<string>();

    for (let i = 0; i < attempts; i++)
      seen.add((await fixture.run('SearchText', { pattern: 'needle' })).outputText ?? 'refused');

    expect([...seen].filter((text) => text.includes('SECRET'))).toEqual([]);
  });

  it('never lets ListDirectory name what lies outside through a swapped folder', async () => {
    const outside = path.join(fixture.home, 'outside');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'OUTER.txt'), '');
    const folder = path.join(fixture.project, 'folder');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'inner.txt'), '');
    await attack(folder, outside);
    const seen = new Set<string>();

    for (let i = 0; i < attempts; i++)
      seen.add((await fixture.run('ListDirectory', { path: 'folder' })).outputText ?? 'refused');

    expect([...seen].filter((text) => text.includes('OUTER'))).toEqual([]);
  });

  it('never lets EditFile change what lies outside through a swapped file', async () => {
    writeFileSync(path.join(fixture.home, 'outer.txt'), 'count = 0 UNTOUCHED');
    writeFileSync(path.join(fixture.project, 'd.txt'), 'count = 0');
    await attack(path.join(fixture.project, 'd.txt'), path.join(fixture.home, 'outer.txt'));

    for (let i = 0; i < attempts; i++)
      await fixture.run('EditFile', { path: 'd.txt', oldText: 'count = 0', newText: `count = 0` + ' '.repeat(i % 3) });

    expect(readFileSync(path.join(fixture.home, 'outer.txt'), 'utf8')).toBe('count = 0 UNTOUCHED');
  });
});
