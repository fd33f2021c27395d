/** The last segment of a path on any platform; the path itself when it has none. */
export function baseName(path: string): string {
  const segments = path.split(/[\\/]+/).filter((segment) => segment !== '');
  return segments.at(-1) ?? path;
}

/** The path without its last segment, for showing beside the name; empty when there is none. */
export function parentPath(path: string): string {
  const name = baseName(path);
  return path.endsWith(name) ? path.slice(0, path.length - name.length).replace(/[\\/]$/, '') : '';
}

/** The path relative to a folder when it lies inside it, otherwise unchanged. */
export function relativeTo(folder: string | null, path: string): string {
  if (folder === null || !path.startsWith(folder)) return path;
  const rest = path.slice(folder.length);
  return /^[\\/]/.test(rest) ? rest.slice(1) : path;
}
