import path from 'node:path';

/** Bounds of one command and everything that it starts. */
export interface ResourceLimits {
  /** Processes and threads at one time. */
  readonly processes: number;
  /** Memory of all processes together. */
  readonly memoryBytes: number;
  /** Largest file that may be written. */
  readonly fileBytes: number;
  /** Size of each temporary folder, which lives in memory. */
  readonly temporaryBytes: number;
  /** Time on processors of a single process. */
  readonly cpuSeconds: number;
}

/**
 * The words in front of the sandbox's own program: a shell that joins the groups, sets the limits that hold for every
 * process, opens the filter as descriptor 9 and becomes the sandbox. Values reach the script as arguments or numbers.
 * @param groups files of control groups that the command joins
 */
export function launcherWords(
  limits: ResourceLimits,
  filterFile: string | undefined,
  groups: readonly string[],
): string[] {
  const script = [
    'filter=$1',
    'count=$2',
    'shift 2',
    'while [ "$count" -gt 0 ]; do echo 0 > "$1" || exit 126; shift; count=$((count - 1)); done',
    // In units of 512 bytes and of seconds. A shell that does not know one of them still starts the command.
    'ulimit -c 0',
    `ulimit -f ${Math.ceil(limits.fileBytes / 512)}`,
    `ulimit -t ${Math.ceil(limits.cpuSeconds)}`,
    `ulimit -d ${Math.ceil(limits.memoryBytes / 1024)}`,
    ...(filterFile === undefined ? [] : ['exec 9< "$filter" || exit 126']),
    'exec "$@"',
  ].join('\n');
  return ['/bin/sh', '-c', script, 'steward', filterFile ?? '', String(groups.length), ...groups];
}

/**
 * The words in front of the command inside the sandbox, where the count of processes is the sandbox's own. An
 * administrator's processes are never counted by the system; control groups bound those.
 */
export function processLimitWords(limits: ResourceLimits, asRoot: boolean, kernel: string): string[] {
  if (asRoot || !countsPerSandbox(kernel)) return [];
  // Bash and dash spell the limit differently.
  const script = `ulimit -u ${limits.processes} 2>/dev/null || ulimit -p ${limits.processes}\nexec "$@"`;
  return ['/bin/sh', '-c', script, 'steward'];
}

/** Since Linux 5.14 processes are counted per user namespace; before, all of the person's own would count. */
function countsPerSandbox(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 14);
}

/** Where groups of one kind can be made. */
export interface GroupPlace {
  readonly folder: string;
  readonly limitFile: string;
  /** What a process of one thread writes 0 to in order to join a group. */
  readonly joinFile: string;
}

/** Where control groups can be made, by the files that exist. */
export interface GroupPlaces {
  readonly processes?: GroupPlace;
  readonly memory?: GroupPlace;
}

const groupRoot = '/sys/fs/cgroup';
/**
 * In the first version `tasks` moves one thread, which takes 0.1 ms; for a whole process the kernel first waits until
 * nothing forks anywhere, which takes about 10.
 */
const joinFiles = { first: 'tasks', second: 'cgroup.procs' };

/** Finds the controllers of either version of control groups. */
export function findGroupPlaces(exists: (file: string) => boolean, readControllers: () => string): GroupPlaces {
  if (exists(path.join(groupRoot, 'cgroup.controllers'))) {
    const offered = readControllers().trim().split(/\s+/);
    const joinFile = joinFiles.second;
    return {
      ...(offered.includes('pids') ? { processes: { folder: groupRoot, limitFile: 'pids.max', joinFile } } : {}),
      ...(offered.includes('memory') ? { memory: { folder: groupRoot, limitFile: 'memory.max', joinFile } } : {}),
    };
  }
  const joinFile = joinFiles.first;
  const pids = path.join(groupRoot, 'pids');
  const memory = path.join(groupRoot, 'memory');
  return {
    ...(exists(path.join(pids, joinFile)) ? { processes: { folder: pids, limitFile: 'pids.max', joinFile } } : {}),
    ...(exists(path.join(memory, joinFile))
      ? { memory: { folder: memory, limitFile: 'memory.limit_in_bytes', joinFile } }
      : {}),
  };
}
