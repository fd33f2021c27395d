import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { browseFolders } from '../../src/settings/browse-folders.ts';
import { defaultSettings, openSettingsStore } from '../../src/settings/settings-store.ts';
import { temporaryHome } from '../support/temporary-home.ts';
import type { TemporaryHome } from '../support/temporary-home.ts';

describe('settings', () => {
  let home: TemporaryHome;
  beforeEach(async () => {
    home = await temporaryHome();
  });
  afterEach(() => home.remove());

  it('remembers the last twenty folders, newest first, each once', async () => {
    const store = await openSettingsStore(join(home.path, 'settings.json'), () => undefined);
    for (let index = 0; index < 25; index += 1) await store.rememberFolder(`/folder-${index}`);

    await store.rememberFolder('/folder-10');

    expect(store.value.recentFolders.slice(0, 2)).toEqual(['/folder-10', '/folder-24']);
    expect(store.value.recentFolders).toHaveLength(20);
    expect(new Set(store.value.recentFolders).size).toBe(20);
  });

  it('takes over what is valid in the file and defaults for the rest', async () => {
    const path = join(home.path, 'settings.json');
    await writeFile(path, JSON.stringify({ theme: 'dark', diffStyle: 'sideways', unknown: true }));

    const store = await openSettingsStore(path, () => undefined);

    expect(store.value).toEqual({ ...defaultSettings, theme: 'dark' });
  });

  it('sets a file that can’t be read aside instead of losing it', async () => {
    const path = join(home.path, 'settings.json');
    await writeFile(path, '{"theme":');
    const kept: string[] = [];

    const store = await openSettingsStore(path, (keptAs) => kept.push(keptAs));

    expect([store.value, kept]).toEqual([defaultSettings, [`${path}.damaged`]]);
    expect(await readdir(home.path)).toEqual(['settings.json.damaged']);
  });
});

describe('browseFolders', () => {
  let home: TemporaryHome;
  beforeEach(async () => {
    home = await temporaryHome();
  });
  afterEach(() => home.remove());

  it('lists folders by name, never files or links', async () => {
    await Promise.all(['b', 'a', '.hidden'].map((name) => mkdir(join(home.path, name))));
    await writeFile(join(home.path, 'file.txt'), '');
    await symlink('/etc', join(home.path, 'link'));

    const listing = await browseFolders(`${home.path}/a/..`);

    expect(listing).toEqual({
      path: home.path,
      parent: join(home.path, '..'),
      folders: [
        { name: '.hidden', path: join(home.path, '.hidden'), hidden: true },
        { name: 'a', path: join(home.path, 'a'), hidden: false },
        { name: 'b', path: join(home.path, 'b'), hidden: false },
      ].sort((left, right) => left.name.localeCompare(right.name)),
      truncated: false,
    });
  });

  it('stops at five hundred folders and says so', async () => {
    await Promise.all(Array.from({ length: 501 }, (_item, index) => mkdir(join(home.path, `folder-${index}`))));

    const listing = await browseFolders(home.path);

    expect([listing.folders.length, listing.truncated]).toEqual([500, true]);
  });

  it.each([
    ['relative', 'INVALID_REQUEST'],
    ['/does/not/exist', 'FILE_NOT_FOUND'],
    ['/etc/passwd', 'FILE_NOT_FOUND'],
  ])('refuses %s in words', async (path, code) => {
    await expect(browseFolders(path)).rejects.toMatchObject({ code });
  });
});
