import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { tables } from '@steward/contracts';
import { access } from '../../src/access/access.ts';

/** What only creates tables for a test; no service does it. */
const setUp = new Set(['CreateTable', 'UpdateTimeToLive', 'DescribeTable', 'ListTables']);

describe('the permissions of the services', () => {
  it('are exactly the actions that the repositories send while their contract tests run', () => {
    const lines = readFileSync(process.env['TEST_RECORDED_ACTIONS'] ?? '', 'utf8').split('\n');

    const sent = lines
      .map((line) => line.split(' '))
      .map(([table = '', index = '', action = '']) => {
        const name = tables.tables.find((known) => table.endsWith(`-${known.name}`))?.name ?? table;
        return `${name} ${index} ${action}`;
      });

    expect(sorted(sent)).toEqual(sorted(granted()));
  });
});

function granted(): string[] {
  return Object.values(access).flatMap(({ tables: own }) =>
    Object.entries(own).flatMap(([name, { table, indexes = {} }]) => [
      ...table.map((action) => `${name} - ${action}`),
      ...Object.entries(indexes).flatMap(([index, actions]) => actions.map((action) => `${name} ${index} ${action}`)),
    ]),
  );
}

function sorted(lines: readonly string[]): string[] {
  return [...new Set(lines)].filter((line) => !setUp.has(line.split(' ')[2] ?? '')).sort();
}
