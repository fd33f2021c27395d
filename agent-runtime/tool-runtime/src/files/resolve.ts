import { realpathSync } from 'node:fs';
import path from 'node:path';
import { StewardError } from '@steward/sdk';
import { systemCodeOf } from '../problem.ts';

/** Where relative paths start and what `~` means. */
export interface PathBase {
  readonly projectDir?: string;
  readonly homeDir: string;
}

/** An absolute path without `.` and `..`; `~` and `~/…` stand for the home folder. Refuses relative paths without a project. */
export function absolutePath(written: string, base: PathBase, cwd?: string): string {
  const expanded = written === '~' || written.startsWith('~/') ? base.homeDir + written.slice(1) : written;
  if (path.isAbsolute(expanded)) return path.normalize(stripTrailing(expanded));
  const from = cwd ?? base.projectDir;
  if (from === undefined) {
    throw new StewardError(
      'INVALID_REQUEST',
      `${written} is relative and this conversation has no project folder. Give an absolute path.`,
    );
  }
  return stripTrailing(path.resolve(from, expanded));
}

/** Real path of the deepest existing ancestor, plus the rest. Follows links of that ancestor only, opens nothing. */
export function realPathOf(absolute: string): string {
  let existing = absolute;
  const rest: string[] = [];
  for (;;) {
    try {
      return path.join(realpathSync.native(existing), ...rest.reverse());
    } catch (error) {
      // A loop or a forbidden folder can't be resolved; its parent still can, and the open-time check has the last word.
      const parent = path.dirname(existing);
      if (parent === existing || systemCodeOf(error) === undefined) return absolute;
      rest.push(path.basename(existing));
      existing = parent;
    }
  }
}

/** The path as a person writes it: relative to the project where it lies inside. */
export function displayPath(absolute: string, projectDir: string | undefined): string {
  if (projectDir === undefined) return absolute;
  if (absolute === projectDir) return '.';
  return isInside(absolute, projectDir) ? path.relative(projectDir, absolute).split(path.sep).join('/') : absolute;
}

/** Segment-wise: `/a/bc` is not inside `/a/b`. A folder is inside itself. */
export function isInside(absolute: string, folder: string): boolean {
  const relative = path.relative(folder, absolute);
  return relative === '' || (relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative));
}

function stripTrailing(text: string): string {
  return text.length > 1 && text.endsWith(path.sep) && path.dirname(text) !== text
    ? withoutLastSeparators(text) || path.sep
    : text;
}

function withoutLastSeparators(text: string): string {
  let end = text.length;
  while (end > 0 && /[/\\]/.test(text[end - 1]!)) end -= 1;
  return text.slice(0, end);
}
