import { describe, expect, it } from '@jest/globals';
import type { Mount } from '../../src/sandbox/mounts.ts';
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

  it('hides a place that is both hidden and writable', () => {
    const mounts = planMounts({
      homeDir: '/home/ann',
      writeRoots: ['/home/ann/.ssh'],
      readRoots: [],
      hiddenPaths: [],
      look,
    });

    expect(mounts.find(({ path }) => path === '/home/ann/.ssh')).toEqual({
      path: '/home/ann/.ssh',
      as: 'empty_folder',
    });
  });

  it('follows links to where a place really is, and never brings back what the sandbox makes itself', () => {
    const mounts = planMounts({ homeDir: '/nobody', writeRoots: ['/link'], readRoots: ['/'], hiddenPaths: [], look });

    expect(mounts).toEqual([{ path: '/home/ann/work', as: 'writable' }]);
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
    expect(bubblewrapArguments({ mounts, cwd: '/p', network: false, asRoot: false })).toEqual([
      ...[
        '--die-with-parent',
        '--new-session',
        '--unshare-pid',
        '--unshare-ipc',
        '--unshare-uts',
        '--unshare-cgroup-try',
        '--unshare-net',
      ],
      ...[
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
      ],
      ...[
        '--bind',
        '/p',
        '/p',
        '--tmpfs',
        '/p "q"',
        '--ro-bind',
        '/dev/null',
        '/f',
        '--ro-bind',
        '/r',
        '/r',
        '--remount-ro',
        '/p "q"',
      ],
      ...['--chdir', '/p', '--'],
    ]);
    expect(bubblewrapArguments({ mounts, cwd: '/p', network: true, asRoot: false })).not.toContain('--unshare-net');
  });

  it('close an emptied folder only after what is mounted inside it has its place', () => {
    const nested: Mount[] = [
      { path: '/home/a/.local/share/steward', as: 'empty_folder' },
      { path: '/home/a/.local/share/steward/runtime/tools', as: 'writable' },
    ];

    const args = bubblewrapArguments({ mounts: nested, cwd: '/', network: false, asRoot: false });

    const bound = args.lastIndexOf('/home/a/.local/share/steward/runtime/tools');
    expect(args.indexOf('--remount-ro')).toBeGreaterThan(bound);
    expect(args.slice(args.indexOf('--remount-ro'), -3)).toEqual(['--remount-ro', '/home/a/.local/share/steward']);
  });

  it('become a Seatbelt profile whose names can not break out of their quotes', () => {
    expect(seatbeltProfile({ mounts, network: false }).split('\n').slice(2)).toEqual([
      '(deny file-write*)',
      expect.stringContaining('(allow file-write* (subpath "/private/tmp")'),
      '(allow file-read* file-write* (subpath "/p"))',
      '(deny file-read* file-write* (subpath "/p \\"q\\""))',
      '(deny file-read* file-write* (subpath "/f"))',
      '(allow file-read* (subpath "/r"))',
      '(deny file-write* (subpath "/r"))',
      '(deny mach-lookup (global-name "com.apple.securityd") (global-name "com.apple.SecurityServer"))',
      '(deny network*)',
      '',
    ]);
    expect(seatbeltProfile({ mounts, network: true })).not.toContain('network');
  });
});
