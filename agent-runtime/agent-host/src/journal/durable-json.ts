import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a small file by a value as JSON, private to the person: written beside it, flushed, renamed over it, folder
 * flushed. When it returns the value survives a power cut, and at every instant before the old or the new content is
 * there whole. Throws the system's error; the old content is there then.
 */
export function writeDurably(path: string, value: unknown): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Another runtime may write the same file at the same time.
  const next = `${path}.${process.pid}`;
  writeFileSync(next, JSON.stringify(value), { mode: 0o600, flush: true });
  renameSync(next, path);
  flushFolder(folder);
}

/** Flushes the names in a folder. Windows can't open folders; its file system journals names by itself. */
export function flushFolder(path: string): void {
  if (process.platform === 'win32') return;
  const opened = openSync(path, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
