import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeOutputs } from '../write-outputs.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'steward-outputs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const output = (name: string, text: string) => ({ path: join(folder, name), contents: Buffer.from(text) });
const lastWritten = (name: string) => {
  const { ino, mtimeNs, ctimeNs } = statSync(join(folder, name), { bigint: true });
  return { ino, mtimeNs, ctimeNs };
};

describe('putting what was built in place', () => {
  it('never shows a reader an empty or half-written file', () => {
    const { path } = output('part.js', '');
    writeFileSync(path, 'export const a = 1;');
    const reader = openSync(path, 'r');

    writeOutputs([output('part.js', 'export const a = 2;')]);

    const seen = readFileSync(reader, 'utf8');
    closeSync(reader);
    expect(seen).toBe('export const a = 1;');
    expect(readFileSync(path, 'utf8')).toBe('export const a = 2;');
    expect(readdirSync(folder)).toEqual(['part.js']);
  });

  it('leaves a file alone that has its content already', () => {
    writeOutputs([output('part.js', 'same')]);
    const before = lastWritten('part.js');

    writeOutputs([output('part.js', 'same')]);

    expect(lastWritten('part.js')).toEqual(before);
  });

  it('writes parts before the entry that imports them', () => {
    const written: string[] = [];
    const told = (name: string) => ({
      path: join(folder, name),
      get contents() {
        written.push(name);
        return Buffer.from(name);
      },
    });

    writeOutputs([told('entry.js'), told('parts/a.js')], { entries: [join(folder, 'entry.js')] });

    expect([...new Set(written)]).toEqual(['parts/a.js', 'entry.js']);
  });

  it('keeps a program executable', () => {
    writeOutputs([output('run.js', '#!/usr/bin/env node\n'), output('part.js', 'export {};')]);

    const modes = ['run.js', 'part.js'].map((name) => statSync(join(folder, name)).mode & 0o777);
    expect(modes).toEqual([0o755, 0o644]);
  });
});
