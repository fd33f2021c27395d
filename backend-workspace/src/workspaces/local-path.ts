import { createHash } from 'node:crypto';
import { posix, win32 } from 'node:path';
import { StewardError } from '@steward/sdk';
import { compositeKey } from '@steward/service-kit';
import type { Owner } from '../owner.ts';

/**
 * The one spelling of a project folder: absolute, without `.`, `..`, doubled or trailing separators.
 * The path is that of the person's machine, so its own form decides between POSIX and Windows rules.
 */
export function normalizeLocalPath(localPath: string): string {
  if (localPath.includes('\0') || /\p{Surrogate}/u.test(localPath))
    throw refuse('holds characters that no path can have');
  if (localPath.startsWith('/')) return withoutTrailingSlash(posix.normalize(localPath));
  if (/^[A-Za-z]:[\\/]/.test(localPath) || /^\\\\[^\\]+\\[^\\]+/.test(localPath)) return windowsPath(localPath);
  throw refuse('must be absolute, such as /home/alice/project');
}

/**
 * Key under which a local workspace is unique: `tenant#user#digest of the path`, safe whatever the parts hold and
 * short enough for a database key. Windows paths that differ in case only are one folder.
 */
export function localPathKey(owner: Owner, normalizedPath: string): string {
  const path = normalizedPath.startsWith('/') ? normalizedPath : normalizedPath.toLowerCase();
  const digest = createHash('sha256').update(path, 'utf8').digest('hex');
  return compositeKey(owner.tenantId, owner.userId, digest);
}

function windowsPath(localPath: string): string {
  const path = win32.normalize(localPath);
  return path.length > 3 && path.endsWith('\\') ? path.slice(0, -1) : path;
}

function withoutTrailingSlash(path: string): string {
  const single = path.startsWith('//') ? path.slice(1) : path;
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single;
}

function refuse(rule: string): StewardError {
  return new StewardError('INVALID_REQUEST', `localPath ${rule}. Send the absolute path of the project folder.`, {
    details: { field: 'localPath' },
  });
}
