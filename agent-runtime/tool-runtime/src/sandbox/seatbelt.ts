import type { Mount } from './mounts.ts';

/**
 * A Seatbelt profile with the same walls as on Linux: everything readable but what is hidden, writable only the named
 * folders and temporary places, no network unless allowed. Later rules win, so the order is that of the mounts.
 */
export function seatbeltProfile(walls: { readonly mounts: readonly Mount[]; readonly network: boolean }): string {
  const lines = [
    '(version 1)',
    '(allow default)',
    '(deny file-write*)',
    '(allow file-write* (subpath "/private/tmp") (subpath "/private/var/tmp") (subpath "/private/var/folders") (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (literal "/dev/dtracehelper"))',
  ];
  for (const mount of walls.mounts) lines.push(...rulesOf(mount));
  lines.push('(deny mach-lookup (global-name "com.apple.securityd") (global-name "com.apple.SecurityServer"))');
  if (!walls.network) lines.push('(deny network*)');
  return `${lines.join('\n')}\n`;
}

function rulesOf(mount: Mount): string[] {
  const place = quoted(mount.path);
  switch (mount.as) {
    case 'writable':
      return [`(allow file-read* file-write* (subpath ${place}))`];
    case 'readable':
      return [`(allow file-read* (subpath ${place}))`, `(deny file-write* (subpath ${place}))`];
    case 'empty_folder':
    case 'empty_file':
      return [`(deny file-read* file-write* (subpath ${place}))`];
  }
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
