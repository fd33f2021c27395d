import { opendir } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join, relative, sep } from 'node:path';

const skipped = new Set(['.git', 'node_modules', '.hg', '.svn', '__pycache__', '.venv']);
const maxResults = 50;

/**
 * Paths below `folder`, relative and with `/`, whose path contains the query without regard to case. Breadth first,
 * so that near files come first; stops after 50 hits or `maxVisited` entries. Links are not followed, folders that
 * can't be read are left out.
 */
export async function findFileNames(
  folder: string,
  query: string,
  maxVisited: number = 20_000,
): Promise<readonly string[]> {
  const wanted = query.toLowerCase();
  const found: string[] = [];
  const waiting = [folder];
  let visited = 0;
  for (let next = waiting.shift(); next !== undefined && found.length < maxResults; next = waiting.shift()) {
    for (const entry of await entriesOf(next, maxVisited - visited)) {
      visited += 1;
      const path = join(next, entry.name);
      if (entry.isDirectory() && !skipped.has(entry.name)) waiting.push(path);
      if (!entry.isFile()) continue;
      const shown = relative(folder, path).split(sep).join('/');
      if (shown.toLowerCase().includes(wanted)) found.push(shown);
    }
    if (visited >= maxVisited) break;
  }
  return found.slice(0, maxResults);
}

async function entriesOf(folder: string, limit: number): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  try {
    for await (const entry of await opendir(folder)) {
      if (entries.length >= limit) break;
      entries.push(entry);
    }
  } catch {
    return [];
  }
  return entries.sort((left, right) => (left.name < right.name ? -1 : 1));
}
