import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeForgottenGroups } from '../../src/sandbox/control-group.ts';
import { findGroupPlaces } from '../../src/sandbox/resource-limits.ts';

const now = new Date('2026-11-21T12:00:00.000Z');
let parent: string;
beforeEach(() => {
  parent = mkdtempSync(path.join(tmpdir(), 'steward-groups-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

function make(name: string, madeAt: string, ...processes: string[]): void {
  mkdirSync(path.join(parent, name));
  for (const each of processes) writeFileSync(path.join(parent, name, each), '');
  utimesSync(path.join(parent, name), new Date(madeAt), new Date(madeAt));
}

describe('control groups that killed runtimes left behind', () => {
  it('are removed when they are old and nothing runs in them; others stay', async () => {
    make('steward-old', '2026-11-21T10:59:00.000Z');
    make('steward-just-made', '2026-11-21T11:59:59.000Z');
    make('steward-in-use', '2026-11-21T08:00:00.000Z', 'a process');
    make('of-somebody-else', '2026-11-21T08:00:00.000Z');

    await removeForgottenGroups(now, [parent, path.join(parent, 'missing'), parent]);

    expect(readdirSync(parent).sort()).toEqual(['of-somebody-else', 'steward-in-use', 'steward-just-made']);
  });
});

describe('the places of control groups', () => {
  const find = (files: readonly string[], controllers = '') =>
    findGroupPlaces(
      (file) => files.includes(file),
      () => controllers,
    );

  it('are joined by one thread in the first version, where a whole process would wait for all forks of the machine', () => {
    const places = find(['/sys/fs/cgroup/pids/tasks', '/sys/fs/cgroup/memory/tasks']);

    expect(places).toEqual({
      processes: { folder: '/sys/fs/cgroup/pids', limitFile: 'pids.max', joinFile: 'tasks' },
      memory: { folder: '/sys/fs/cgroup/memory', limitFile: 'memory.limit_in_bytes', joinFile: 'tasks' },
    });
  });

  it('are those of the controllers that the second version offers, and none elsewhere', () => {
    const second = find(['/sys/fs/cgroup/cgroup.controllers'], 'cpu memory\n');

    expect([second, find([])]).toEqual([
      { memory: { folder: '/sys/fs/cgroup', limitFile: 'memory.max', joinFile: 'cgroup.procs' } },
      {},
    ]);
  });
});
