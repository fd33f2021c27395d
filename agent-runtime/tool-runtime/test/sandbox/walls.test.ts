import { describe, expect, it } from '@jest/globals';
import type { Mount } from '../../src/sandbox/mounts.ts';
import { boundSockets } from '../../src/sandbox/bound-sockets.ts';
import { bubblewrapArguments } from '../../src/sandbox/bubblewrap.ts';
import { planMounts, type Place } from '../../src/sandbox/mounts.ts';
import { seatbeltProfile } from '../../src/sandbox/seatbelt.ts';

const present: Record<string, 'folder' | 'file'> = {
  '/home/ann': 'folder',
  '/home/ann/.ssh': 'folder',
  '/home/ann/.netrc': 'file',
  '/home/ann/work': 'folder',
  '/home/ann/.steward': 'folder',
  '/home/ann/.steward/demo': 'folder',
  '/home/ann/.pyenv': 'folder',
  '/home/ann/tools/bin': 'folder',
  '/home/ann/work/.git': 'folder',
  '/home/ann/work/.git/hooks': 'folder',
  '/home/ann/work/.git/config': 'file',
  '/home/ann/work/.vscode': 'folder',
  '/srv/db.sock': 'file',
  '/tmp/x.sock': 'file',
};
const look = (place: string): Place | undefined => {
  const path = place === '/link' ? '/home/ann/work' : place;
  const kind = path === '/' ? 'folder' : present[path];
  return kind === undefined ? undefined : { path, kind };
};

describe('planMounts', () => {
  it('hides secrets even inside a folder that commands may write to, and opens what lies deeper', () => {
    const mounts = planMounts({
      homeDir: '/home/ann',
      writeRoots: ['/home/ann', '/home/ann/.steward/demo'],
      readRoots: ['/home/ann/work'],
      hiddenPaths: ['/home/ann/.steward'],
      look,
    });

    expect(mounts).toEqual([
      { path: '/home/ann', as: 'writable' },
      { path: '/home/ann/.netrc', as: 'empty_file' },
      { path: '/home/ann/.ssh', as: 'empty_folder' },
      { path: '/home/ann/.steward', as: 'empty_folder' },
      { path: '/home/ann/work', as: 'readable' },
      { path: '/home/ann/.steward/demo', as: 'writable' },
    ]);
  });

  it('empties the home folder but for what the policy names and what programs are installed in', () => {
    const mounts = planMounts({
      homeDir: '/home/ann',
      writeRoots: ['/home/ann/work'],
      readRoots: ['/home/ann/work'],
      hiddenPaths: [],
      programFolders: ['/usr/bin', '/home/ann/tools/bin', '/home/ann'],
      look,
    });

    expect(mounts).toEqual([
      { path: '/home/ann', as: 'scratch_folder' },
      { path: '/home/ann/.pyenv', as: 'readable' },
      { path: '/home/ann/work', as: 'writable' },
      { path: '/home/ann/tools/bin', as: 'readable' },
      { path: '/home/ann/work/.git', as: 'writable' },
      { path: '/home/ann/work/.vscode', as: 'readable' },
      { path: '/home/ann/work/.git/config', as: 'readable' },
      { path: '/home/ann/work/.git/hooks', as: 'readable' },
    ]);
  });

  it('mounts nothing that is already so by what it lies in, and covers what lies in something visible', () => {
    const mounts = planMounts({
      homeDir: '/home/ann',
      writeRoots: [],
      readRoots: ['/home/ann/work', '/home/ann/work/.git', '/home/ann/work/.git/hooks'],
      hiddenPaths: ['/home/ann/.steward', '/home/ann/.steward/demo', '/home/ann/work/.git'],
      look,
    });

    expect(mounts).toEqual([
      { path: '/home/ann', as: 'scratch_folder' },
      { path: '/home/ann/.pyenv', as: 'readable' },
      { path: '/home/ann/work', as: 'readable' },
      { path: '/home/ann/work/.git', as: 'empty_folder' },
      { path: '/home/ann/work/.git/hooks', as: 'readable' },
    ]);
  });

  it('hides a place that is both hidden and writable', () => {
    const mounts = planMounts({
      homeDir: '/home/ann',
      writeRoots: ['/home/ann/.ssh'],
      readRoots: [],
      hiddenPaths: [],
      look,
    });

    const around = mounts.findLast(({ path }) => '/home/ann/.ssh/'.startsWith(`${path}/`));
    expect(around).toEqual({ path: '/home/ann', as: 'scratch_folder' });
  });

  it('covers the sockets of other programs, but not again where everything is covered', () => {
    const mounts = planMounts({
      homeDir: '/nobody',
      writeRoots: [],
      readRoots: [],
      hiddenPaths: [],
      sockets: ['/srv/db.sock', '/tmp/x.sock'],
      look,
    });

    expect(mounts).toEqual([{ path: '/srv/db.sock', as: 'empty_file' }]);
  });

  it('follows links to where a place really is, and never brings back what the sandbox makes itself', () => {
    const mounts = planMounts({ homeDir: '/nobody', writeRoots: ['/link'], readRoots: ['/'], hiddenPaths: [], look });

    expect(mounts.filter(({ path }) => !path.startsWith('/home/ann/work/'))).toEqual([
      { path: '/home/ann/work', as: 'writable' },
    ]);
  });
});

describe('The walls as data', () => {
  const mounts = [
    { path: '/p', as: 'writable' },
    { path: '/p "q"', as: 'empty_folder' },
    { path: '/f', as: 'empty_file' },
    { path: '/r', as: 'readable' },
  ] as const;

  it('become bubblewrap arguments', () => {
    const size = ['--size', '1000'];

    expect(bubblewrapArguments({ mounts, cwd: '/p', asRoot: false, temporaryBytes: 1000, filtered: true })).toEqual([
      ...['--die-with-parent', '--new-session', '--unshare-pid', '--unshare-ipc', '--unshare-uts'],
      ...['--unshare-cgroup-try', '--unshare-net', '--seccomp', '9'],
      ...['--ro-bind', '/', '/', '--dev', '/dev', ...size, '--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
      ...['--proc', '/proc', '--ro-bind-try', '/proc/sys', '/proc/sys'],
      ...['--ro-bind-try', '/proc/sysrq-trigger', '/proc/sysrq-trigger', '--ro-bind-try', '/proc/fs', '/proc/fs'],
      ...['--ro-bind-try', '/proc/scsi', '/proc/scsi', '--ro-bind-try', '/proc/acpi', '/proc/acpi'],
      ...[...size, '--tmpfs', '/tmp', ...size, '--tmpfs', '/var/tmp', ...size, '--tmpfs', '/run'],
      ...['--ro-bind-try', '/run/current-system', '/run/current-system'],
      ...['--ro-bind-try', '/run/opengl-driver', '/run/opengl-driver', '--setenv', 'TMPDIR', '/tmp'],
      ...['--bind', '/p', '/p', '--tmpfs', '/p "q"', '--ro-bind', '/dev/null', '/f', '--ro-bind', '/r', '/r'],
      ...['--remount-ro', '/p "q"', '--remount-ro', '/run', '--chdir', '/p', '--'],
    ]);
  });

  it('have no network of their own even when the way to the egress proxy is open', () => {
    const walls = { mounts: [], cwd: '/p', asRoot: true, temporaryBytes: 1000, filtered: false };

    const args = bubblewrapArguments({ ...walls, proxyFolder: '/tmp/steward-egress-x' });

    expect(args).toContain('--unshare-net');
    expect(args.slice(args.indexOf('/tmp/steward-egress-x') - 1).slice(0, 3)).toEqual([
      '--ro-bind',
      '/tmp/steward-egress-x',
      '/run/steward',
    ]);
  });

  it('close an emptied folder only after what is mounted inside it has its place', () => {
    const nested: Mount[] = [
      { path: '/home/a/.local/share/steward', as: 'empty_folder' },
      { path: '/home/a/.local/share/steward/runtime/tools', as: 'writable' },
    ];

    const args = bubblewrapArguments({
      mounts: nested,
      cwd: '/',
      asRoot: false,
      temporaryBytes: 1000,
      filtered: false,
    });

    const bound = args.lastIndexOf('/home/a/.local/share/steward/runtime/tools');
    expect(args.slice(bound + 1, -5)).toEqual(['--remount-ro', '/home/a/.local/share/steward']);
  });

  it('become a Seatbelt profile whose names can not break out of their quotes', () => {
    expect(seatbeltProfile({ mounts }).split('\n').slice(2)).toEqual([
      '(deny file-write*)',
      expect.stringContaining('(allow file-write* (subpath "/private/tmp")'),
      '(allow file-read* file-write* (subpath "/p"))',
      '(deny file-read* file-write* (subpath "/p \\"q\\""))',
      '(deny file-read* file-write* (subpath "/f"))',
      '(allow file-read* (subpath "/r"))',
      '(deny file-write* (subpath "/r"))',
      expect.stringContaining('(deny mach-lookup (global-name "com.apple.securityd")'),
      '(deny appleevent-send)',
      '(deny process-info* (target others))',
      '(deny signal (target others))',
      '(deny network*)',
      '',
    ]);
  });

  it('open one loopback port in a Seatbelt profile and nothing else', () => {
    const lines = seatbeltProfile({ mounts: [], proxyPort: 4711 }).split('\n');

    expect(lines.slice(-3)).toEqual(['(deny network*)', '(allow network-outbound (remote ip "localhost:4711"))', '']);
  });
});

describe('boundSockets', () => {
  it('names sockets in the file system and leaves out abstract and nameless ones', () => {
    const table = [
      'Num       RefCount Protocol Flags    Type St Inode Path',
      '000000009633f145: 00000003 00000000 00000000 0001 03  1591',
      '00000000563de4f9: 00000002 00000000 00010000 0001 01  1590 /home/ann/.colima/docker.sock',
      '00000000563de4f9: 00000002 00000000 00010000 0001 01 31590 @/tmp/.X11-unix/X0',
      '00000000563de4f8: 00000002 00000000 00010000 0001 01 31591 /home/ann/with blank.sock',
    ].join('\n');

    expect(boundSockets(table)).toEqual(['/home/ann/.colima/docker.sock', '/home/ann/with blank.sock']);
  });
});
