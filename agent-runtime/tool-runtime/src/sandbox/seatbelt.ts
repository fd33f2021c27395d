import type { Mount } from './mounts.ts';

/**
 * A Seatbelt profile with the same walls as on Linux: the system readable but what is hidden, writable only the named
 * folders and temporary places, no network but the port of the egress proxy on loopback, no signals to processes of
 * others. Later rules win, so the order is that of the mounts.
 */
export function seatbeltProfile(walls: {
  readonly mounts: readonly Mount[];
  /** The egress proxy's port on loopback; without it there is no network at all. */
  readonly proxyPort?: number;
}): string {
  const lines = [
    '(version 1)',
    '(allow default)',
    '(deny file-write*)',
    '(allow file-write* (subpath "/private/tmp") (subpath "/private/var/tmp") (subpath "/private/var/folders") (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (literal "/dev/dtracehelper"))',
  ];
  for (const mount of walls.mounts) lines.push(...rulesOf(mount));
  lines.push(
    '(deny mach-lookup (global-name "com.apple.securityd") (global-name "com.apple.SecurityServer") (global-name "com.apple.pasteboard.1") (global-name "com.apple.coreservices.launchservicesd") (global-name "com.apple.coreservices.appleevents"))',
    '(deny appleevent-send)',
    '(deny process-info* (target others))',
    '(deny signal (target others))',
    '(deny network*)',
  );
  if (walls.proxyPort !== undefined)
    lines.push(`(allow network-outbound (remote ip "localhost:${Math.trunc(walls.proxyPort)}"))`);
  return `${lines.join('\n')}\n`;
}

function rulesOf(mount: Mount): string[] {
  const place = quoted(mount.path);
  switch (mount.as) {
    case 'writable':
      return [`(allow file-read* file-write* (subpath ${place}))`];
    case 'readable':
      return [`(allow file-read* (subpath ${place}))`, `(deny file-write* (subpath ${place}))`];
    case 'scratch_folder':
    case 'empty_folder':
    case 'empty_file':
      return [`(deny file-read* file-write* (subpath ${place}))`];
  }
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
