import { describe, expect, it } from '@jest/globals';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareHome } from '../../src/home/home-layout.ts';
import { readTextIfPresent, writePrivateFile } from '../../src/home/private-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('preparing a home', () => {
  it('creates every folder for its owner alone, and again without harm', async () => {
    const root = join(temporaryFolder(), 'home');

    await prepareHome(root);
    const layout = await prepareHome(root);

    const modes = [layout.run, layout.logs, layout.content, layout.keys, layout.identity, layout.certificates].map(
      (folder) => statSync(folder).mode & 0o777,
    );
    expect(new Set(modes)).toEqual(new Set([0o700]));
  });

  it('says in one sentence that a home cannot be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');

    await expect(prepareHome(join(file, 'home'))).rejects.toThrow(
      /^The home folder .* cannot be written \(ENOTDIR\)\. /,
    );
  });
});

describe('a private file', () => {
  it('is replaced whole and readable by its owner only', async () => {
    const path = join(temporaryFolder(), 'folder', 'secret');

    await writePrivateFile(path, 'first');
    await writePrivateFile(path, 'second');

    expect([await readTextIfPresent(path), statSync(path).mode & 0o777]).toEqual(['second', 0o600]);
  });

  it('reads as undefined when it is missing', async () => {
    expect(await readTextIfPresent(join(temporaryFolder(), 'missing'))).toBeUndefined();
  });
});
