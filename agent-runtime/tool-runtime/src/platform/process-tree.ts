import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { markerName } from './environment.ts';

/** Ends processes; the one place that sends signals. */
export interface ProcessTree {
  /** Sends a signal to everything that the call has started and that is still alive; true when anything was. */
  signal(name: 'SIGTERM' | 'SIGKILL'): boolean;
}

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
}

/**
 * The processes of one call: its process group, its descendants, and on Linux every process that carries the call's
 * marker in its environment, so that one that left the group and lost its parents is found too.
 */
export function processTreeOf(rootPid: number, marker: string, platform: NodeJS.Platform): ProcessTree {
  return {
    signal: (name) => {
      if (platform === 'win32') return killOnWindows(rootPid);
      const rows = platform === 'linux' ? linuxProcesses() : listedProcesses();
      const marked =
        platform === 'linux' ? rows.filter((row) => carriesMarker(row.pid, marker)).map((row) => row.pid) : [];
      const victims = descendantsOf([rootPid, ...marked], rows);
      const group = send(-rootPid, name);
      // Children before they can be adopted elsewhere: everything that was seen gets the signal, not only the group.
      const others = [...victims].map((pid) => send(pid, name));
      return group || others.some(Boolean);
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

function linuxProcesses(): ProcessRow[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = readOrEmpty(`/proc/${name}/stat`);
    // The program's name stands in brackets and may itself contain any character; state and parent follow it.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return parent === undefined || state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent) }];
  });
}

function carriesMarker(pid: number, marker: string): boolean {
  return readOrEmpty(`/proc/${pid}/environ`).split('\0').includes(`${markerName}=${marker}`);
}

function listedProcesses(): ProcessRow[] {
  const listed = spawnSync('/bin/ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8', timeout: 2_000 });
  return (listed.stdout ?? '').split('\n').flatMap((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    return pid === undefined || parent === undefined || Number.isNaN(pid) || Number.isNaN(parent)
      ? []
      : [{ pid, parent }];
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
