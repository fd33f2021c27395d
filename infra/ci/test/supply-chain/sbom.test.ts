import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Bom } from '../../src/supply-chain/bom.ts';
import { npmNameOf } from '../../src/supply-chain/bom.ts';
import { createBom, normaliseBom, problemsOfBom, workspaceNames } from '../../src/supply-chain/sbom.ts';
import shipping from '../../src/supply-chain/shipping.json';

const root = join(import.meta.dirname, '../../../..');

describe('the bill of materials of this repository', () => {
  let bom: Bom;
  beforeAll(async () => {
    bom = await createBom(root, shipping.notShipped);
  });

  test('is valid CycloneDX by the schema of the specification', async () => {
    expect(await problemsOfBom(JSON.stringify(bom))).toBeUndefined();
  });

  test('is the same when it is made again', async () => {
    const again = await createBom(root, shipping.notShipped);

    expect(JSON.stringify(again)).toBe(JSON.stringify(bom));
  });

  test('holds what services and the app need, and neither tools of development nor parts that do not ship', () => {
    const names = new Set(bom.components.map(npmNameOf));
    const wanted = ['@steward/backend-session', '@steward/desktop-app', 'express', 'react', '@aws-sdk/client-dynamodb'];
    const unwanted = [
      ...Object.keys(shipping.notShipped),
      'jest',
      'typescript',
      'aws-cdk-lib',
      '@cyclonedx/cyclonedx-npm',
    ];

    expect({
      missing: wanted.filter((name) => !names.has(name)),
      tooMuch: unwanted.filter((name) => names.has(name)),
    }).toEqual({ missing: [], tooMuch: [] });
  });

  test('holds no path of the machine that made it', () => {
    expect(JSON.stringify(bom)).not.toContain(root);
  });
});

describe('a bill of materials', () => {
  test('that breaks the schema is refused with a reason', async () => {
    const problems = await problemsOfBom(
      JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [{}] }),
    );

    expect(problems).toContain('required');
  });

  test('keeps nothing of the npm that read the packages, and is sorted', () => {
    const made = normaliseBom({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      metadata: {
        tools: {
          components: [
            { 'bom-ref': 'n', name: 'npm', version: '1' },
            { 'bom-ref': 't', name: 'tool' },
          ],
        },
      },
      components: [
        { 'bom-ref': 'b', name: 'b' },
        { 'bom-ref': 'a', name: 'a' },
      ],
    });

    expect(made).toEqual({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      metadata: { tools: { components: [{ 'bom-ref': 't', name: 'tool' }] } },
      components: [
        { 'bom-ref': 'a', name: 'a' },
        { 'bom-ref': 'b', name: 'b' },
      ],
    });
  });

  test('starts from the workspaces that the lockfile links', () => {
    const names = workspaceNames({
      packages: { '': {}, 'node_modules/@steward/b': { link: true }, 'platform/b': {}, 'node_modules/x': {} },
    });

    expect(names).toEqual(['@steward/b']);
  });
});
