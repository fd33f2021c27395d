import path from 'node:path';

/** What a place looks like from inside the sandbox. */
export interface Mount {
  readonly path: string;
  /** A scratch folder is empty and its own: writable, gone afterwards. */
  readonly as: 'writable' | 'readable' | 'scratch_folder' | 'empty_folder' | 'empty_file';
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

/** Sockets through which a command could ask another process to act outside the sandbox; /run is never seen at all. */
export const doorsOut: readonly string[] = ['/var/run/docker.sock', '/var/lib/incus/unix.socket', '/var/snap/lxd'];

/** Places in the home folder that compilers and package managers are installed in; readable, since nothing runs without. */
export const toolPlaces: readonly string[] = [
  '.nvm',
  '.volta',
  '.fnm',
  '.local/share/fnm',
  '.local/share/mise',
  '.local/share/pnpm',
  '.local/share/uv',
  '.local/share/pipx',
  '.local/bin',
  '.local/lib',
  '.asdf',
  '.pyenv',
  '.rbenv',
  '.rustup',
  '.cargo/bin',
  '.cargo/env',
  '.cargo/registry',
  '.sdkman',
  '.jdks',
  '.bun',
  '.deno',
  '.dotnet',
  '.m2/repository',
  '.m2/wrapper',
  '.gradle/wrapper',
  'go/bin',
  'go/pkg',
  '.gitconfig',
  '.config/git/config',
  '.config/git/ignore',
];

/**
 * What other programs obey without being asked when they look at a folder: git, editors, shells, agents. A command may
 * change files there only by way of a person, so what exists is read-only inside and what appears is pointed out.
 */
export const controlPlaces: readonly string[] = [
  '.git/hooks',
  '.git/config',
  '.git/config.worktree',
  '.git/info/attributes',
  '.git/modules',
  '.husky',
  '.gitmodules',
  '.vscode',
  '.idea',
  '.devcontainer',
  '.envrc',
  '.mcp.json',
  '.cursor',
  '.claude',
  '.steward',
  '.zed',
  '.bashrc',
  '.bash_profile',
  '.profile',
  '.zshrc',
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
  /** Folders that programs are looked for in; those inside the home folder stay readable. */
  readonly programFolders?: readonly string[];
  /** Named sockets of other programs. */
  readonly sockets?: readonly string[];
  /** What is at a path now and where it really is, links followed; undefined when nothing is. */
  look(place: string): Place | undefined;
}

/** Places that the sandbox makes itself; a root of the policy that names one of them must not bring the real one back. */
const ownPlaces = new Set(['/', '/dev', '/proc', '/sys']);

/**
 * The mounts on top of a read-only system, in the order in which they have to be made: outer before inner, so that the
 * deeper entry decides; of two for one place the hiding one. The home folder is empty but for what the policy names and
 * what programs are installed in.
 */
export function planMounts(plan: MountPlan): Mount[] {
  const inHome = (place: string): string => path.posix.join(plan.homeDir, place);
  const mounts: Mount[] = [];
  const add = (written: string, as: (kind: Place['kind']) => Mount['as']): Place | undefined => {
    const place = plan.look(written);
    if (place === undefined || ownPlaces.has(place.path)) return undefined;
    mounts.push({ path: place.path, as: as(place.kind) });
    return place;
  };
  const cover = (kind: Place['kind']): Mount['as'] => (kind === 'folder' ? 'empty_folder' : 'empty_file');
  for (const root of plan.readRoots) add(root, () => 'readable');
  const writable = plan.writeRoots.flatMap((root) => add(root, () => 'writable') ?? []);
  const home = plan.look(plan.homeDir)?.path;
  const named = [...plan.readRoots, ...plan.writeRoots].map((root) => plan.look(root)?.path ?? root);
  if (home !== undefined && !named.some((root) => isWithin(home, root))) {
    if (!ownPlaces.has(home)) mounts.push({ path: home, as: 'scratch_folder' });
    for (const place of toolPlaces) add(inHome(place), () => 'readable');
    for (const folder of plan.programFolders ?? []) {
      const there = plan.look(folder);
      if (there !== undefined && there.path !== home && isWithin(there.path, home)) add(folder, () => 'readable');
    }
  }
  for (const { path: root } of writable) {
    // A folder that is mounted itself can't be renamed away together with the read-only places in it.
    add(path.posix.join(root, '.git'), (kind) => (kind === 'folder' ? 'writable' : 'readable'));
    for (const place of controlPlaces) add(path.posix.join(root, place), () => 'readable');
  }
  for (const place of [...secretPlaces.map(inHome), ...doorsOut, ...plan.hiddenPaths]) add(place, cover);
  for (const socket of plan.sockets ?? [])
    if (!insideOwnFolder(socket) || named.some((root) => isWithin(socket, root))) add(socket, cover);
  const rank = { writable: 0, readable: 1, scratch_folder: 2, empty_folder: 3, empty_file: 3 };
  const roots = new Set(writable.map((place) => place.path));
  const byPlace = new Map<string, Mount>();
  for (const mount of mounts) {
    const present = byPlace.get(mount.path);
    const wins = (candidate: Mount): number =>
      candidate.as === 'writable' && roots.has(candidate.path) ? 1.5 : rank[candidate.as];
    if (present === undefined || wins(mount) > wins(present)) byPlace.set(mount.path, mount);
  }
  const outerFirst = [...byPlace.values()].sort(
    (a, b) => depthOf(a.path) - depthOf(b.path) || (a.path < b.path ? -1 : 1),
  );
  return withoutRepetitions(outerFirst);
}

/** Every mount makes each command start later, so one that changes nothing of what is around it is left out. */
function withoutRepetitions(outerFirst: readonly Mount[]): Mount[] {
  const kept: Mount[] = [];
  for (const mount of outerFirst) {
    const around = kept.findLast(({ path: outer }) => isWithin(mount.path, outer));
    if (around === undefined || !isRepeated(mount.as, around.as)) kept.push(mount);
  }
  return kept;
}

/** Whether a place is already what it is meant to be, by the mount that it lies in. */
function isRepeated(as: Mount['as'], around: Mount['as']): boolean {
  switch (as) {
    case 'readable':
      return around === 'readable';
    case 'empty_folder':
    case 'empty_file':
      // Nothing of the person's is in either.
      return around === 'scratch_folder' || around === 'empty_folder';
    case 'writable':
    case 'scratch_folder':
      return false;
  }
}

/** Folders that are empty inside from the start. */
function insideOwnFolder(place: string): boolean {
  return ['/run', '/tmp', '/var/tmp', '/var/run', '/dev', '/proc', '/sys'].some((folder) => isWithin(place, folder));
}

function isWithin(place: string, folder: string): boolean {
  return folder === '/' || place === folder || place.startsWith(`${folder}/`);
}

function depthOf(place: string): number {
  return place.split('/').filter((segment) => segment !== '').length;
}
