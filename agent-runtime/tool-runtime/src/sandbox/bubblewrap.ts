import type { Mount } from './mounts.ts';

/** What a command gets inside. */
export interface Walls {
  readonly mounts: readonly Mount[];
  readonly cwd: string;
  readonly network: boolean;
  /** An administrator keeps the right to use files of other owners and no other right. */
  readonly asRoot: boolean;
}

/**
 * The arguments of `bwrap` in front of a command: the whole system read-only, own processes, devices and temporary
 * folder, then the mounts; no network unless allowed; ends with its parent; no terminal to inject input into.
 */
export function bubblewrapArguments(walls: Walls): string[] {
  const args = [
    '--die-with-parent',
    '--new-session',
    '--unshare-pid',
    '--unshare-ipc',
    '--unshare-uts',
    '--unshare-cgroup-try',
  ];
  if (!walls.network) args.push('--unshare-net');
  if (walls.asRoot)
    args.push(
      '--cap-drop',
      'ALL',
      '--cap-add',
      'CAP_DAC_OVERRIDE',
      '--cap-add',
      'CAP_FOWNER',
      '--cap-add',
      'CAP_CHOWN',
    );
  args.push(
    '--ro-bind',
    '/',
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    '--tmpfs',
    '/tmp',
    '--tmpfs',
    '/var/tmp',
    '--setenv',
    'TMPDIR',
    '/tmp',
  );
  for (const mount of walls.mounts) args.push(...mountArguments(mount));
  // Emptied folders are closed last: a folder that is mounted inside one of them needs its place made first.
  for (const mount of walls.mounts) if (mount.as === 'empty_folder') args.push('--remount-ro', mount.path);
  return [...args, '--chdir', walls.cwd, '--'];
}

function mountArguments(mount: Mount): string[] {
  switch (mount.as) {
    case 'writable':
      return ['--bind', mount.path, mount.path];
    case 'readable':
      return ['--ro-bind', mount.path, mount.path];
    case 'empty_folder':
      return ['--tmpfs', mount.path];
    case 'empty_file':
      return ['--ro-bind', '/dev/null', mount.path];
  }
}
