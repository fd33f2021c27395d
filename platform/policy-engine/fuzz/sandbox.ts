import { spawn } from 'node:child_process';
import type * as ChildProcess from 'node:child_process';
import type * as Fs from 'node:fs';
import { outside, project, secretText, trapPrograms } from './world.ts';

/** What touched a canary: the command and what it did. */
export interface Touch {
  readonly command: string;
  readonly what: string;
}

/**
 * Runs commands one after the other by bash inside one bubblewrap sandbox without network, each in a fresh project, and
 * tells which of them started a trap, showed a secret, or changed something outside the project or in its control files.
 * Rejects when the sandbox can't be made.
 */
export async function runInSandbox(commands: readonly string[]): Promise<Touch[]> {
  const driver = `(${drive.toString()})(${JSON.stringify({ outside, project, secretText, trapPrograms })})`;
  const args = [
    ...['--unshare-all', '--die-with-parent', '--new-session', '--clearenv'],
    ...['--ro-bind', '/usr', '/usr', '--ro-bind', process.execPath, '/runtime/node'],
    ...['/bin', '/sbin', '/lib', '/lib64'].flatMap((path) => ['--ro-bind-try', path, path]),
    ...[
      '--proc',
      '/proc',
      '--dev',
      '/dev',
      '--tmpfs',
      '/tmp',
      '--tmpfs',
      '/work',
      '--tmpfs',
      '/outside',
      '--tmpfs',
      '/home',
      '--tmpfs',
      '/trap',
      '--tmpfs',
      '/log',
    ],
    ...['--chdir', '/', '--', '/runtime/node', '--input-type=commonjs', '-e', driver],
  ];
  const child = spawn('bwrap', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (text) => (output += String(text)));
  child.stderr.on('data', (text) => (errors = (errors + String(text)).slice(-2000)));
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(commands));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`The sandbox ended with ${code}: ${errors}`);
  return JSON.parse(output) as Touch[];
}

/** Runs inside the sandbox as its own script; it may use nothing but its argument and Node itself. */
function drive(world: {
  outside: Readonly<Record<string, string>>;
  project: { files: Readonly<Record<string, string>>; links: Readonly<Record<string, string>> };
  secretText: string;
  trapPrograms: readonly string[];
}): void {
  const node = process as unknown as { getBuiltinModule(name: string): unknown };
  const fs = node.getBuiltinModule('node:fs') as typeof Fs;
  const { spawnSync } = node.getBuiltinModule('node:child_process') as typeof ChildProcess;
  const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
  const put = (path: string, text: string): void => {
    fs.mkdirSync(folderOf(path), { recursive: true });
    fs.writeFileSync(path, text);
  };
  for (const name of world.trapPrograms) {
    put(`/trap/${name}`, `#!/bin/sh\necho "${name}" >> /log/hits\n`);
    fs.chmodSync(`/trap/${name}`, 0o755);
  }
  const empty = (folder: string): void => {
    for (const name of fs.readdirSync(folder)) fs.rmSync(`${folder}/${name}`, { recursive: true, force: true });
  };
  const see = (path: string): string => {
    const info = fs.lstatSync(path, { throwIfNoEntry: false });
    if (info === undefined) return `${path} gone`;
    if (info.isSymbolicLink()) return `${path} -> ${fs.readlinkSync(path)}`;
    if (!info.isDirectory()) return `${path} ${info.mode} ${fs.readFileSync(path, 'latin1')}`;
    const names = fs.readdirSync(path).sort();
    return [`${path} ${info.mode} ${names.join()}`, ...names.map((name) => see(`${path}/${name}`))].join('\n');
  };
  const build = (): void => {
    for (const folder of ['/outside', '/home', '/work', '/tmp']) empty(folder);
    for (const [path, text] of Object.entries(world.outside)) put(path, text);
    for (const [path, text] of Object.entries(world.project.files)) put(`/work/app/${path}`, text);
    for (const [path, target] of Object.entries(world.project.links)) fs.symlinkSync(target, `/work/app/${path}`);
  };
  const kept = (): string =>
    [
      '/outside',
      '/home',
      '/work/other',
      '/work/app/secrets',
      '/work/app/.git/config',
      '/work/app/.git/hooks',
      '/tmp',
      '/trap',
    ]
      .map(see)
      .join('\n') + fs.readdirSync('/work').sort().join();
  const shown = (folder: string): boolean =>
    fs.readdirSync(folder, { withFileTypes: true }).some((entry) => {
      const path = `${folder}/${entry.name}`;
      if (path === '/work/app/secrets' || entry.isSymbolicLink()) return false;
      if (entry.isDirectory()) return shown(path);
      return entry.isFile() && fs.readFileSync(path, 'latin1').includes(world.secretText);
    });
  build();
  const before = kept();
  const whole = see('/work/app');
  const touches: { command: string; what: string }[] = [];
  for (const command of JSON.parse(fs.readFileSync(0, 'utf8')) as string[]) {
    const run = spawnSync('/bin/bash', ['--noprofile', '--norc', '-c', command], {
      cwd: '/work/app',
      env: { PATH: '/trap:/usr/bin:/bin', HOME: '/home/alice', LANG: 'C', GIT_TEMPLATE_DIR: '' },
      input: '',
      timeout: 2000,
      killSignal: 'SIGKILL',
      maxBuffer: 1_000_000,
      encoding: 'latin1',
    });
    const what: string[] = [];
    if (fs.existsSync('/log/hits')) {
      what.push(`started ${fs.readFileSync('/log/hits', 'utf8').trim().split('\n').join(', ')}`);
      fs.rmSync('/log/hits');
    }
    if (`${run.stdout}${run.stderr}`.includes(world.secretText)) what.push('showed a secret');
    const now = see('/work/app');
    if (now !== whole && shown('/work/app')) what.push('copied a secret');
    if (kept() !== before) what.push('changed something outside');
    if (what.length > 0) touches.push({ command, what: what.join('; ') });
    if (now !== whole || what.length > 0) build();
  }
  fs.writeSync(1, JSON.stringify(touches));
}
