import path from 'node:path';

/** What a place looks like from inside the sandbox. */
export interface Mount {
  readonly path: string;
  readonly as: 'writable' | 'readable' | 'empty_folder' | 'empty_file';
}

/** Places in the home folder that hold secrets of the person; commands never see them. */
export const secretPlaces: readonly string[] = [
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.kube',
  '.docker',
  '.config/gcloud',
  '.config/gh',
  '.config/hub',
  '.config/op',
  '.config/google-chrome',
  '.config/chromium',
  '.config/Code/User/globalStorage',
  '.mozilla',
  '.password-store',
  '.local/share/keyrings',
  '.netrc',
  '.npmrc',
  '.yarnrc.yml',
  '.pypirc',
  '.git-credentials',
  '.config/git/credentials',
  '.pgpass',
  '.my.cnf',
  '.vault-token',
  '.terraform.d/credentials.tfrc.json',
  '.cargo/credentials',
  '.cargo/credentials.toml',
  '.gem/credentials',
  '.bash_history',
  '.zsh_history',
  '.python_history',
  '.node_repl_history',
  '.psql_history',
  'Library/Keychains',
  'Library/Cookies',
  'Library/Application Support/Google/Chrome',
  'Library/Application Support/Firefox',
];

/** Sockets through which a command could ask another process to act outside the sandbox. */
export const doorsOut: readonly string[] = [
  '/run/docker.sock',
  '/run/containerd',
  '/run/podman',
  '/run/crio',
  '/run/user',
  '/run/dbus',
  '/run/systemd/private',
  '/run/snapd.socket',
  '/var/run/docker.sock',
];

/** Something that exists, by its real path. */
export interface Place {
  readonly path: string;
  readonly kind: 'folder' | 'file';
}

/** Facts and wishes for the mounts of one command. */
export interface MountPlan {
  readonly homeDir: string;
  readonly writeRoots: readonly string[];
  readonly readRoots: readonly string[];
  readonly hiddenPaths: readonly string[];
  /** What is at a path now and where it really is, links followed; undefined when nothing is. */
  look(place: string): Place | undefined;
}

/** Places that the sandbox makes itself; a root of the policy that names one of them must not bring the real one back. */
const ownPlaces = new Set(['/', '/dev', '/proc', '/sys']);

/**
 * The mounts on top of a read-only system, in the order in which they have to be made: outer before inner, so that the
 * deeper entry decides; of two for one place the hiding one.
 */
export function planMounts(plan: MountPlan): Mount[] {
  const hidden = [
    ...secretPlaces.map((place) => path.posix.join(plan.homeDir, place)),
    ...doorsOut,
    ...plan.hiddenPaths,
  ];
  const mounts: Mount[] = [];
  const add = (written: string, as: (kind: Place['kind']) => Mount['as']): void => {
    const place = plan.look(written);
    if (place !== undefined && !ownPlaces.has(place.path)) mounts.push({ path: place.path, as: as(place.kind) });
  };
  for (const root of plan.readRoots) add(root, () => 'readable');
  for (const root of plan.writeRoots) add(root, () => 'writable');
  for (const place of hidden) add(place, (kind) => (kind === 'folder' ? 'empty_folder' : 'empty_file'));
  const rank = { readable: 0, writable: 1, empty_folder: 2, empty_file: 2 };
  const byPlace = new Map<string, Mount>();
  for (const mount of mounts) {
    const present = byPlace.get(mount.path);
    if (present === undefined || rank[mount.as] > rank[present.as]) byPlace.set(mount.path, mount);
  }
  return [...byPlace.values()].sort((a, b) => depthOf(a.path) - depthOf(b.path) || (a.path < b.path ? -1 : 1));
}

function depthOf(place: string): number {
  return place.split('/').filter((segment) => segment !== '').length;
}
