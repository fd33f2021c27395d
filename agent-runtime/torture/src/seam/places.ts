import { readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const ids = /^(?:sess|ws|task|step|tc|msg|appr|art|evt|req)_[0-9A-Z]{26}/;

/** What a file is, without anything that differs from run to run. */
export function placeOf(path: string): string {
  const name = basename(path);
  if (/^[0-9a-f]{64}$/.test(name)) return 'content';
  if (name.startsWith('incoming-')) return 'content-incoming';
  if (name.startsWith('.steward-')) return 'project-temporary';
  if (name.startsWith('lock.after-'))
    return name.replace(/^lock\.after-[0-9a-z]+/, 'lock.after-*').replace(/\d+$/, '*');
  if (ids.test(name)) return name.replace(ids, '*');
  return name.replace(/\d{2,}/g, '*');
}

/** The path behind a handle in `/proc/self/fd`, through which the tools reach files. */
export function realPath(path: string): string {
  const folder = dirname(path);
  if (!folder.startsWith('/proc/self/fd/')) return path;
  try {
    return join(readlinkSync(folder), basename(path));
  } catch {
    return path;
  }
}
