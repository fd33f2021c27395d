import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { tables } from '@steward/contracts';
import { access } from '../../src/access/access.ts';
import { exercisedBlocks } from '../support/runbook.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const docs = join(root, 'infra/docs');
const read = (name: string): string => readFileSync(join(docs, name), 'utf8');
const pages = ['deploy.md', 'upgrade-rollback.md', 'backup-restore.md', 'costs.md'];

describe('the operator’s pages', () => {
  it('show the costs that the script computes', () => {
    const printed = execFileSync(process.execPath, [join(root, 'infra/iac/bin/costs.mjs')], { encoding: 'utf8' });

    const rows = (text: string): string[][] =>
      text
        .split('\n')
        .filter((line) => /^\|.*(users|\d) *\|$/.test(line))
        .map((line) => line.split('|').map((cell) => cell.trim()));
    expect(rows(read('costs.md'))).toEqual(expect.arrayContaining(rows(printed)));
    expect(rows(printed)).toHaveLength(8);
  });

  it('name a limit of every table', () => {
    const missing = tables.tables.filter(({ name }) => !read('costs.md').includes(`| \`${name}\``));

    expect(missing).toEqual([]);
  });

  it.each(pages)('hold shell commands that bash can read, in %s', (name) => {
    const blocks = [...read(name).matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) => text);

    for (const block of blocks) execFileSync('bash', ['-n'], { input: block, stdio: ['pipe', 'ignore', 'pipe'] });
  });

  it.each(pages)('name scripts and pages that exist, in %s', (name) => {
    const text = read(name);
    const scripts = [...text.matchAll(/infra\/(?:iac|images|docs)\/[\w./-]+\.\w+/g)].map(([path]) => join(root, path));
    const links = [...text.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, path = '']) => join(docs, path));

    const missing = [...scripts, ...links].filter((path) => !existsSync(path) && !path.endsWith('cdk.context.json'));

    expect(missing).toEqual([]);
  });

  it('say which service writes to each table that is worth restoring', () => {
    const rows = [...read('backup-restore.md').matchAll(/^ *\| (`[\w`, -]+`) +\| `(\w+)` +\|$/gm)];

    const said = rows.flatMap(([, names = '', service = '']) =>
      [...names.matchAll(/`([\w-]+)`/g)].map(([, table = '']) => `${table} ${service}`),
    );

    const shared = ['idempotency', 'rate-limits', 'jobs'];
    const writers = Object.entries(access).flatMap(([service, { tables: own }]) =>
      Object.entries(own)
        .filter(([table, { table: actions }]) => !shared.includes(table) && actions.includes('PutItem'))
        .map(([table]) => `${table} ${service}`),
    );
    expect(said.sort()).toEqual(writers.sort());
  });

  it('mark the commands that are run against an emulator, each once', () => {
    const marked = [...exercisedBlocks(read('backup-restore.md')).keys()];

    const cited = readdirSync(join(root, 'infra/iac/test/aws'))
      .map((file) => readFileSync(join(root, 'infra/iac/test/aws', file), 'utf8'))
      .join('\n');
    expect(marked).toEqual(['table-keep', 'table-restore', 'bucket-look', 'bucket-restore']);
    for (const name of marked) expect(cited).toContain(`'${name}'`);
  });
});
