import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { tables } from '@steward/contracts';
import { access } from '../../src/access/access.ts';
import { serviceNames } from '../../src/services/service-names.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const page = readFileSync(join(root, 'infra/docs/operations.md'), 'utf8');

/** First cells of the table under a heading. */
function firstCells(heading: string): string[] {
  const [, rest = ''] = page.split(`\n## ${heading}\n`);
  const [section = ''] = rest.split('\n## ');
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|')[1]?.trim() ?? '');
}

/** What stands in backticks in the first cells of a table. */
function named(heading: string): string[] {
  return firstCells(heading).flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

/** Texts of the sources below a folder. */
function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(root, folder, file), 'utf8'));
}

/** Variables that the configuration of the kit and the services read. */
function variablesRead(): string[] {
  const folders = [
    'platform/service-kit/src',
    ...['approval', 'policy', 'session', 'tools', 'workspace'].map((name) => `backend-${name}/src`),
    ...['audit', 'telemetry'].map((name) => `backend-observability/${name}/src`),
  ];
  const names = folders
    .flatMap((folder) => sourcesIn(folder))
    .flatMap((text) => [...text.matchAll(/(?:(?:environment|process\.env), |env\[)'([A-Z][A-Z0-9_]+)'/g)]);
  const urls = serviceNames.map((name) => `${name.toUpperCase()}_SERVICE_URL`);
  return [...new Set([...names.map(([, name = '']) => name), ...urls])];
}

describe('the page of operations', () => {
  it('name every setting that a service reads', () => {
    const known = named('Settings');

    const read = variablesRead();
    expect(read.length).toBeGreaterThan(25);
    // Nothing an operator sets: the AWS client's own, and what tests are given.
    const isForeign = (name: string): boolean => /^(?:AWS_SDK_|AWS_ACCESS_KEY_ID|TEST_)/.test(name);
    expect(read.filter((name) => !known.includes(name) && !isForeign(name))).toEqual([]);
  });

  it('name no setting that nothing reads', () => {
    const sources = ['infra/iac/src', 'infra/local/src'].flatMap(sourcesIn).join('\n');
    const read = new Set(variablesRead());

    // The AWS client reads its own.
    const unread = named('Settings').filter(
      (name) => !read.has(name) && !/^AWS_/.test(name) && !sources.includes(name),
    );
    expect(unread).toEqual([]);
  });

  it('name the protection of every table', () => {
    const known = named('Data and their protection');

    expect(tables.tables.filter(({ name }) => !known.includes(name))).toEqual([]);
  });

  it('name every signing key, who holds it and how it is replaced', () => {
    const signing = Object.entries(access).flatMap(([name, { signingKeys }]) =>
      signingKeys === undefined ? [] : [`${name}/signing-keys`],
    );

    expect(signing).toEqual(['policy/signing-keys', 'approval/signing-keys']);
    expect(named('Keys and certificates')).toEqual([...signing, '{service}/client-secret']);
  });

  it('name every field of a request’s log line', () => {
    const test = readFileSync(join(root, 'platform/service-kit/test/http/request-log.test.ts'), 'utf8');
    const [, line = ''] = /toEqual\(\[\s*\{([\s\S]*?)\n {6}\},/.exec(test) ?? [];

    const fields = [...line.matchAll(/^\s+(\w+):/gm)].map(([, name = '']) => name);
    expect(fields.length).toBeGreaterThan(10);
    expect(fields.filter((name) => !named('Logs').includes(name))).toEqual([]);
  });

  it('say what one types to deploy, watch, restore and roll back', () => {
    const typed = page
      .split('\n')
      .filter((line) => /^\| (?:deploy|watch|restore|roll back|cut off) /.test(line))
      .map((line) => /`[^`]{10,}`/.test(line) || /`git checkout`/.test(line));

    expect(typed).toEqual([true, true, true, true, true]);
  });
});
