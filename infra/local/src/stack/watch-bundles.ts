import { watch } from 'node:fs';
import { basename } from 'node:path';

const QUIET_MS = 80;

/**
 * Calls `changed` with the bundle's file name whenever a bundle in one of the folders was written, once per burst of
 * writes. Returns a function that ends the watching.
 */
export function watchBundles(folders: readonly string[], changed: (file: string) => void): () => void {
  const timers = new Map<string, NodeJS.Timeout>();
  const watchers = folders.map((folder) =>
    watch(folder, (_event, path) => {
      if (path === null || !path.endsWith('.js')) return;
      const file = basename(path);
      clearTimeout(timers.get(file));
      timers.set(
        file,
        setTimeout(() => changed(file), QUIET_MS),
      );
    }),
  );
  return () => {
    for (const watcher of watchers) watcher.close();
    for (const timer of timers.values()) clearTimeout(timer);
  };
}
