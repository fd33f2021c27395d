import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { tables } from '@steward/contracts';
import { alarmRules, alarmRunbooks, runbookOf } from '../../src/alarms/alarm-rules.ts';
import { serviceNames } from '../../src/services/service-names.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const folder = join(root, 'infra/docs/runbooks');
const pages = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** The alarms that a page says it is raised by. */
function raisedBy(page: string): string[] {
  const [line = ''] = read(page)
    .split('\n')
    .filter((each) => each.startsWith('**Raised by**'));
  return [...line.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name);
}

describe('every runbook', () => {
  it.each(pages)(
    'says what one sees, what it means, what to check, what to do and what comes afterwards: %s',
    (page) => {
      const headings = read(page)
        .split('\n')
        .filter((line) => line.startsWith('## '));

      expect(headings).toEqual(['## What you see', '## What it means', '## Check', '## Do', '## Afterwards']);
    },
  );

  it.each([...pages, 'README.md'])('holds shell commands that bash can read: %s', (page) => {
    const blocks = [...read(page).matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) => text);

    for (const block of blocks) execFileSync('bash', ['-n'], { input: block, stdio: ['pipe', 'ignore', 'pipe'] });
  });

  it('stands in the list with its title and its alarms', () => {
    const list = read('README.md');

    const cells = (line: string): string[] => line.split('|').map((cell) => cell.trim());
    const rows = list.split('\n').filter((line) => line.startsWith('| ['));
    const expected = pages.map((page) => {
      const [title = ''] = read(page).split('\n');
      const alarms = raisedBy(page).map((name) => `\`${name}\``);
      return ['', `[${title.slice(2)}](${page})`, alarms.join(', '), ''];
    });
    expect(rows.map(cells).sort()).toEqual(expected.sort());
  });
});

/** What the observability stack raises; that each one's text leads to a page is asserted on the synthesized stack. */
const alarms = [
  ...serviceNames.flatMap((name) => ['errors', 'latency', 'tasks'].map((what) => `${name}-${what}`)),
  ...tables.tables.map(({ name }) => `${name}-throttles`),
  ...alarmRules.logs.map(({ name }) => name),
  'budget',
];

describe('alarms and runbooks', () => {
  it('lead from every alarm to a page that names it', () => {
    const astray = alarms.filter((alarm) => {
      const page = runbookOf(alarm);
      const isNamed = (name: string): boolean => alarm === name || alarm.endsWith(`-${name}`);
      return !existsSync(join(root, page)) || !raisedBy(page.split('/').at(-1) ?? '').some(isNamed);
    });
    expect(astray).toEqual([]);
  });

  it('name in pages alarms that exist, and no others', () => {
    const named = pages.flatMap((page) => raisedBy(page).map((name) => [name, page.replace('.md', '')]));

    const unused = Object.keys(alarmRunbooks).filter(
      (kind) => !alarms.some((alarm) => `-${alarm}`.endsWith(`-${kind}`)),
    );
    expect(named.sort()).toEqual(Object.entries(alarmRunbooks).sort());
    expect(unused).toEqual([]);
  });

  it('refuse an alarm without a page', () => {
    expect(() => runbookOf('moonlight')).toThrow('The alarm moonlight has no runbook: name one in alarm-rules.ts.');
  });
});
