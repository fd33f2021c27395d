import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { imageFlags } from '../../src/stand/image-flags.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'steward-flags-'));
  mkdirSync(join(folder, 'infra/images'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the flags of an image', () => {
  it('are what stands between the program and its script in the last entry point', () => {
    const first = 'FROM a\nENTRYPOINT ["/bin/node", "--old", "/b.js"]';
    const last = 'FROM b\nENTRYPOINT ["/bin/node", "--one", "--two=3", "/app.js"]';
    writeFileSync(join(folder, 'infra/images/Dockerfile'), `${first}\n${last}\n`);

    expect(imageFlags(folder)).toEqual(['--one', '--two=3']);
  });

  it('are refused where no entry point is', () => {
    writeFileSync(join(folder, 'infra/images/Dockerfile'), 'FROM a\nENTRYPOINT /bin/node /app.js\n');

    expect(() => imageFlags(folder)).toThrow(/no entry point/);
  });

  it('of this repository are known to Node', () => {
    const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');

    const flags = imageFlags(root).map((flag) => flag.replace(/=.*/, ''));

    expect(flags).not.toEqual([]);
    expect(flags.filter((flag) => !process.allowedNodeEnvironmentFlags.has(flag))).toEqual([]);
  });
});
