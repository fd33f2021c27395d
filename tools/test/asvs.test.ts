import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { asvsRows } from './documents/asvs-page.ts';
import type { AsvsItem } from './documents/asvs-page.ts';
import { missingTests } from './documents/test-titles.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { items } = JSON.parse(readFileSync(join(root, 'infra/docs/asvs.json'), 'utf8')) as { items: AsvsItem[] };
const applicable = items.filter(({ applies }) => applies);

describe('the checklist of OWASP ASVS', () => {
  it('holds every item of levels 1 and 2 once', () => {
    const ids = items.map(({ id }) => id);

    // The numbers of items that version 5.0.0 publishes for these levels.
    const count = (level: number): number => items.filter((item) => item.level === level).length;
    expect({ once: new Set(ids).size, first: count(1), second: count(2) }).toEqual({
      once: 253,
      first: 70,
      second: 183,
    });
    expect(ids.filter((id) => !/^\d{1,2}\.\d\.\d{1,2}$/.test(id))).toEqual([]);
  });

  it('says behind each applicable item which tests or which look, and why another one does not apply', () => {
    const unclear = items.filter(({ applies, tests, manual, why }) =>
      applies ? (tests ?? []).length > 0 === (manual !== undefined) : (why ?? '').length < 10,
    );

    expect(unclear).toEqual([]);
  });

  it('names tests that exist', () => {
    const named = applicable.flatMap(({ tests }) => tests ?? []);

    expect(missingTests(root, named)).toEqual([]);
  });

  it('is at least nine tenths tests', () => {
    const automated = applicable.filter(({ tests }) => (tests ?? []).length > 0);

    expect(automated.length / applicable.length).toBeGreaterThanOrEqual(0.9);
  });

  it('is the table of its page, and its figures', () => {
    const page = readFileSync(join(root, 'infra/docs/asvs.md'), 'utf8');
    const automated = applicable.filter(({ tests }) => (tests ?? []).length > 0).length;

    const shown = page.split('\n').filter((line) => /^\| \d/.test(line));
    const squeezed = (line: string): string => line.replaceAll(/\s+/g, ' ');
    expect(shown.map(squeezed)).toEqual(asvsRows(items).map(squeezed));
    expect(squeezed(page.replaceAll('\n', ' '))).toContain(
      `Of ${items.length} items ${applicable.length} apply; ${automated} of them are behind tests (${Math.floor((100 * automated) / applicable.length)} %), ${applicable.length - automated} are looked at by hand.`,
    );
  });
});
