import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

/** Packages that would run something of their own, and why the product works without it. */
const NOT_NEEDED: Readonly<Record<string, string>> = {
  '@parcel/watcher': 'its binaries are packages of their own',
  '@swc/core': 'its binaries are packages of their own',
  esbuild: 'its binaries are packages of their own',
  fsevents: 'its binary is in the package',
  libxmljs2: 'it checks bills of materials in XML; ours are JSON',
};

describe('installing', () => {
  it('runs nothing that a package brings', () => {
    const settings = readFileSync(join(root, '.npmrc'), 'utf8').split('\n');

    expect(settings).toContain('ignore-scripts=true');
  });

  it('needs nothing that a package would have run', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { hasInstallScript?: boolean }>;
    };
    const wanting = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript === true);
    const names = wanting.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));

    expect(names.filter((name) => NOT_NEEDED[name] === undefined)).toEqual([]);
  });
});
