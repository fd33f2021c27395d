import type { Mount } from './mounts.ts';

/** What a command gets inside. */
export interface Walls {
  readonly mounts: readonly Mount[];
  readonly cwd: string;
  /** The folder outside that holds the socket of the egress proxy; without it there is no way out at all. */
  readonly proxyFolder?: string;
  /** An administrator keeps the right to use files of other owners and no other right. */
  readonly asRoot: boolean;
  /** Size of each temporary folder. */
  readonly temporaryBytes: number;
  /** A filter of system calls stands ready as descriptor 9. */
  readonly filtered: boolean;
}

/** Where the folder of the proxy's socket is seen inside. */
export const proxyFolderInside = '/run/steward';

/** Descriptor on which the filter of system calls is handed over. */
const filterDescriptor = '9';

/** Where the kernel takes settings; some of them name programs that it runs outside of every sandbox. */
const kernelPlaces = ['/proc/sys', '/proc/sysrq-trigger', '/proc/fs', '/proc/scsi', '/proc/acpi'];

/** Parts of /run that programs of some systems live in; everything else there is sockets and state of services. */
const runPlaces = ['/run/current-system', '/run/opengl-driver'];

/**
 * The arguments of `bwrap` in front of a command: the whole system read-only, own processes, devices, network and
 * temporary folders, then the mounts; ends with its parent; no terminal to inject input into.
 */
export function bubblewrapArguments(walls: Walls): string[] {
  const args = [
    '--die-with-parent',
    '--new-session',
    '--unshare-pid',
    '--unshare-ipc',
    '--unshare-uts',
    '--unshare-cgroup-try',
    '--unshare-net',
  ];
  if (walls.filtered) args.push('--seccomp', filterDescriptor);
  if (walls.asRoot)
    args.push(...['--cap-drop', 'ALL'], ...['CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_CHOWN'].flatMap(keepRight));
  const size = ['--size', String(walls.temporaryBytes)];
  args.push('--ro-bind', '/', '/', '--dev', '/dev', ...size, '--tmpfs', '/dev/shm', '--remount-ro', '/dev');
  args.push('--proc', '/proc');
  // An administrator's own rights are enough to write here; bubblewrap leaves these writable for one.
  for (const place of kernelPlaces) args.push('--ro-bind-try', place, place);
  for (const place of ['/tmp', '/var/tmp', '/run']) args.push(...size, '--tmpfs', place);
  for (const place of runPlaces) args.push('--ro-bind-try', place, place);
  args.push('--setenv', 'TMPDIR', '/tmp');
  for (const mount of walls.mounts) args.push(...mountArguments(mount, size));
  if (walls.proxyFolder !== undefined) args.push('--ro-bind', walls.proxyFolder, proxyFolderInside);
  // Emptied folders are closed last: a folder that is mounted inside one of them needs its place made first.
  for (const mount of walls.mounts) if (mount.as === 'empty_folder') args.push('--remount-ro', mount.path);
  return [...args, '--remount-ro', '/run', '--chdir', walls.cwd, '--'];
}

function keepRight(right: string): string[] {
  return ['--cap-add', right];
}

function mountArguments(mount: Mount, size: readonly string[]): string[] {
  switch (mount.as) {
    case 'writable':
      return ['--bind', mount.path, mount.path];
    case 'readable':
      return ['--ro-bind', mount.path, mount.path];
    case 'scratch_folder':
      return [...size, '--tmpfs', mount.path];
    case 'empty_folder':
      return ['--tmpfs', mount.path];
    case 'empty_file':
      return ['--ro-bind', '/dev/null', mount.path];
  }
}
