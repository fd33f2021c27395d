import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { missingTests } from './documents/test-titles.ts';
import type { NamedTest } from './documents/test-titles.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const page = readFileSync(join(root, 'infra/docs/threat-model.md'), 'utf8');
const kinds = [
  'Spoofing',
  'Tampering',
  'Repudiation',
  'Information disclosure',
  'Denial of service',
  'Elevation of privilege',
];

interface Threat {
  readonly flow: string;
  readonly kind: string;
  readonly stops: string;
  readonly tests: readonly NamedTest[];
}

/** The rows of every table below a heading of a flow. */
function threats(): Threat[] {
  return page
    .split('\n### ')
    .slice(1)
    .flatMap((section) => {
      const [flow = ''] = section.split('\n');
      return section
        .split('\n')
        .filter((line) => kinds.some((kind) => line.startsWith(`| ${kind}`)))
        .map((line) => {
          const [, kind = '', , stops = '', tests = ''] = line.split('|').map((cell) => cell.trim());
          return { flow, kind, stops, tests: tests.split('<br>').map(namedTest) };
        });
    });
}

function namedTest(text: string): NamedTest {
  const [, file = text, title = ''] = /^`([^`]+)`: (.+)$/.exec(text.trim()) ?? [];
  return { file, title };
}

describe('the threat model', () => {
  it('has all six kinds of threat on every flow', () => {
    const flows = new Map<string, string[]>();
    for (const { flow, kind } of threats()) flows.set(flow, [...(flows.get(flow) ?? []), kind]);

    expect([...flows.keys()]).toEqual([
      'Renderer ↔ desktop host',
      'Desktop host ↔ runtime',
      'Runtime ↔ model gateway',
      'Runtime ↔ services',
      'Service ↔ service',
      'Admin ↔ policy',
      'Tools and sandbox ↔ machine',
      'Runtime ↔ MCP servers',
      'Operator ↔ cloud account',
    ]);
    for (const [flow, found] of flows) expect([flow, [...new Set(found)].sort()]).toEqual([flow, [...kinds].sort()]);
  });

  it('says what stops each threat', () => {
    expect(threats().filter(({ stops }) => stops.length < 10)).toEqual([]);
  });

  it('names tests that exist', () => {
    const named = threats().flatMap(({ tests }) => tests);

    expect(named.length).toBeGreaterThan(60);
    expect(missingTests(root, named)).toEqual([]);
  });
});

describe('the search for named tests', () => {
  it('notices a file and a title that do not exist', () => {
    const tests = [
      { file: 'tools/test/threat-model.test.ts', title: 'names tests that exist' },
      { file: 'tools/test/threat-model.test.ts', title: 'was never written' },
      { file: 'tools/test/nowhere.test.ts', title: 'x' },
    ];

    expect(missingTests(root, tests)).toEqual([
      'tools/test/threat-model.test.ts has no test "was never written".',
      'tools/test/nowhere.test.ts does not exist.',
    ]);
  });
});
