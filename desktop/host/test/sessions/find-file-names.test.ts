import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findFileNames } from '../../src/sessions/find-file-names.ts';
import { temporaryHome } from '../support/temporary-home.ts';
import type { TemporaryHome } from '../support/temporary-home.ts';

describe('findFileNames', () => {
  let home: TemporaryHome;
  const touch = async (path: string): Promise<void> => {
    await mkdir(join(home.path, path, '..'), { recursive: true });
    await writeFile(join(home.path, path), '');
  };

  beforeEach(async () => {
    home = await temporaryHome();
  });
  afterEach(() => home.remove());

  it('finds near files first and leaves out dependencies, version control and links', async () => {
    await Promise.all(['src/deep/Client.ts', 'client.ts', 'node_modules/client/client.ts', '.git/client'].map(touch));
    await symlink('/etc', join(home.path, 'client-link'));

    expect(await findFileNames(home.path, 'client')).toEqual(['client.ts', 'src/deep/Client.ts']);
  });

  it('stops after fifty hits and after its bound of visits', async () => {
    await Promise.all(Array.from({ length: 60 }, (_item, index) => touch(`file-${index}.ts`)));

    expect(await findFileNames(home.path, 'file')).toHaveLength(50);
    expect((await findFileNames(home.path, 'file', 10)).length).toBeLessThanOrEqual(10);
  });

  it('finds nothing in a folder that is gone', async () => {
    expect(await findFileNames(join(home.path, 'gone'), 'x')).toEqual([]);
  });
});
