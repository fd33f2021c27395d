/**
 * The mechanisms behind the known advisories of agents and MCP servers are a table of the documents, with the test that
 * each has. A test that is renamed or removed is missed here.
 */
import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '..', '..', '..', '..', '..');

/** Mechanism, file of the test, words of its title. */
const table = [
  ...readFileSync(join(root, 'infra/docs/known-attacks.md'), 'utf8').matchAll(/^\| (.+?) +\| `([^`]+)`: (.+?) +\|$/gm),
].map(([, mechanism = '', file = '', title = '']) => [mechanism, file, title] as const);

describe('A known mechanism', () => {
  it('is one of a table that was not lost', () => {
    expect(table.length).toBeGreaterThanOrEqual(46);
  });

  it.each(table)('%s: has its test', (_mechanism, file, title) => {
    expect(readFileSync(join(root, file), 'utf8')).toContain(title);
  });
});
