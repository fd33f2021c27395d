import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const folder = dirname(fileURLToPath(import.meta.url));
const promises = JSON.parse(readFileSync(join(folder, '../promises.json'), 'utf8')) as Record<string, string>;

describe('promised behaviours', () => {
  it('are each cited by a test, and no test cites one that does not exist', () => {
    const titles = readdirSync(folder)
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    const cited = new Set([...titles.matchAll(/\[([a-z]+-\d+)\]/g)].map((match) => match[1]));

    expect([...cited].sort()).toEqual(Object.keys(promises).sort());
  });
});
