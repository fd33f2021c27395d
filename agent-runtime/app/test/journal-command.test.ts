import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = join(fileURLToPath(import.meta.url), '..', '..', '..');
const golden = join(root, 'agent-host', 'test', 'golden', 'journal-v1.journal');
let folder = '';
let command = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'steward-journal-'));
  const { buildJournalCommand } = (await import(join(root, 'build', 'build.mjs'))) as {
    buildJournalCommand: () => Promise<string>;
  };
  command = await buildJournalCommand();
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

function changed(change: (data: Buffer) => Buffer): string {
  const file = join(folder, 'journal.log');
  writeFileSync(file, change(readFileSync(golden)));
  return file;
}

describe('the journal command', () => {
  it('tells by its exit code whether a journal is whole, torn, damaged or not there', () => {
    const torn = changed((data) => data.subarray(0, data.length - 20));
    const tornStatus = run('verify', torn).status;
    const damaged = changed((data) => data.fill(0x41, 600, 610));

    expect([run('verify', golden).status, tornStatus, run('verify', damaged).status]).toEqual([0, 1, 2]);
    expect(run('verify', join(folder, 'none')).status).toBe(4);
    expect(run('explain', golden).status).toBe(4);
  });

  it('looks at the sealed files that a journal names', () => {
    const place = mkdtempSync(join(folder, 'sealed-'));
    const [journal, part] = [join(place, 'journal.log'), join(place, 'part-000001.sealed')];
    copyFileSync(join(golden, '..', 'journal-v2.journal'), journal);
    const missing = run('verify', journal);
    copyFileSync(join(golden, '..', 'part-000001.sealed'), part);
    const whole = run('verify', journal);
    const changedPart = readFileSync(part);
    changedPart[700]! ^= 1;
    writeFileSync(part, changedPart);
    const damaged = run('verify', journal);

    expect([missing.status, whole.status, damaged.status]).toEqual([2, 0, 2]);
    expect(damaged.stdout).toContain('The sealed file part-000001.sealed is missing or not what it was.');
    expect(run('verify', part).status).toBe(2);
  });

  it('prints every record without texts, and with them when it is asked to', () => {
    const shown = run('print', golden, '--json');
    const full = run('print', golden, '--json', '--full');

    const kinds = shown.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds.slice(0, 3)).toEqual(['header', 'session', 'bundle']);
    expect(shown.stdout).not.toContain('Write the golden file');
    expect(full.stdout).toContain('Write the golden file');
  });
});
