import { opendir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { StewardError } from '@steward/sdk';
import type { FolderListing } from '../contract/bridge.ts';
import { folderError } from '../sessions/project-folder.ts';

const maxFolders = 500;
const maxEntries = 20_000;

/**
 * The folders inside a folder (the person's home unless given), sorted by name: never files, at most 500 of the
 * first 20 000 entries.
 */
export async function browseFolders(path: string | undefined): Promise<FolderListing> {
  const wanted = path ?? homedir();
  if (!isAbsolute(wanted)) throw new StewardError('INVALID_REQUEST', `${wanted} is not an absolute path.`);
  const folder = resolve(wanted);
  const names: string[] = [];
  let seen = 0;
  try {
    for await (const entry of await opendir(folder)) {
      seen += 1;
      if (seen > maxEntries) break;
      if (entry.isDirectory()) names.push(entry.name);
    }
  } catch (error) {
    throw folderError(folder, error);
  }
  names.sort((left, right) => left.localeCompare(right));
  const parent = dirname(folder);
  return {
    path: folder,
    parent: parent === folder ? null : parent,
    folders: names
      .slice(0, maxFolders)
      .map((name) => ({ name, path: join(folder, name), hidden: name.startsWith('.') })),
    truncated: names.length > maxFolders || seen > maxEntries,
  };
}
