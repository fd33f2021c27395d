import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { markerName } from './environment.ts';

/** Ends processes; the one place that sends signals. */
export interface ProcessTree {
  /** Sends a signal to everything that the call has started and that is still alive; true when anything was. */
  signal(name: 'SIGTERM' | 'SIGKILL'): boolean;
  /** Ids of everything alive that the call has started, as far as its ancestry tells; Linux only, empty elsewhere. */
  members(): number[];
}

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

/**
 * The processes of one call: its process group, its descendants, and on Linux every process that carries the call's
 * marker in its environment, so that one that left the group and lost its parents is found too.
 */
export function processTreeOf(rootPid: number, marker: string, platform: NodeJS.Platform): ProcessTree {
  return {
    signal: (name) => {
      if (platform === 'win32') return killOnWindows(rootPid);
      // First of all, since looking around takes long on a machine that is kept busy: with its group a sandbox ends.
      const groupWasThere = name === 'SIGKILL' && send(-rootPid, name);
      const rows = platform === 'linux' ? linuxProcesses(rootPid) : listedProcesses();
      const roots = rows.filter(
        (row) => row.group === rootPid || (platform === 'linux' && carriesMarker(row.pid, marker)),
      );
      const victims = descendantsOf([rootPid, ...roots.map((row) => row.pid)], rows);
      // The group at once, so that it can't fork away; then one by one what has left it.
      send(-rootPid, name);
      return [...victims].map((pid) => send(pid, name)).some(Boolean) || groupWasThere;
    },
    members: () => (platform === 'linux' ? [...descendantsOf([rootPid], linuxProcesses(rootPid))] : []),
  };
}

/** What is left of a call whose runtime is gone: on Linux every process that carries the call's marker. */
export function markedProcesses(marker: string, platform: NodeJS.Platform): Pick<ProcessTree, 'signal'> {
  return {
    signal: (name) => {
      if (platform !== 'linux') return false;
      const rows = linuxProcesses(2);
      const marked = rows.filter(({ pid }) => pid !== process.pid && carriesMarker(pid, marker));
      const victims = descendantsOf(
        marked.map(({ pid }) => pid),
        rows,
      );
      return [...victims].map((pid) => send(pid, name)).some(Boolean);
    },
  };
}

function descendantsOf(roots: readonly number[], rows: readonly ProcessRow[]): Set<number> {
  const children = new Map<number, number[]>();
  for (const { pid, parent } of rows) children.set(parent, [...(children.get(parent) ?? []), pid]);
  const alive = new Set(rows.map((row) => row.pid));
  const found = new Set<number>();
  const open = [...roots];
  while (open.length > 0) {
    const pid = open.pop() ?? 0;
    if (found.has(pid) || pid <= 1 || pid === process.pid) continue;
    if (alive.has(pid)) found.add(pid);
    open.push(...(children.get(pid) ?? []));
  }
  return found;
}

/**
 * Processes that began after the root. Ids are given out in order, so older ones need not be looked at; after a
 * wrap-around every process is.
 */
function linuxProcesses(rootPid: number): ProcessRow[] {
  const lastPid = Number(readOrEmpty('/proc/loadavg').trim().split(' ').at(-1));
  const oldest = lastPid >= rootPid ? rootPid : 2;
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) < oldest) return [];
    const stat = readOrEmpty(`/proc/${name}/stat`);
    // The program's name stands in brackets and may itself contain any character; state, parent and group follow it.
    const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (parent === undefined || state === 'Z') return [];
    return [{ pid: Number(name), parent: Number(parent), group: Number(group) }];
  });
}

function carriesMarker(pid: number, marker: string): boolean {
  return readOrEmpty(`/proc/${pid}/environ`).split('\0').includes(`${markerName}=${marker}`);
}

function listedProcesses(): ProcessRow[] {
  const listed = spawnSync('/bin/ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat='], { encoding: 'utf8', timeout: 2_000 });
  return (listed.stdout ?? '').split('\n').flatMap((line) => {
    const [pid, parent, group, state] = line.trim().split(/\s+/);
    if (pid === undefined || state === undefined || state.startsWith('Z')) return [];
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group) }];
  });
}

function killOnWindows(pid: number): boolean {
  return spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { windowsHide: true }).status === 0;
}

function send(pid: number, name: 'SIGTERM' | 'SIGKILL'): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The process ended, or belongs to someone else.
    return '';
  }
}
