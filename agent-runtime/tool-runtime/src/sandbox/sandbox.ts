import { spawn } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { SandboxState, ToolWalls } from '../ports.ts';
import { bubblewrapArguments } from './bubblewrap.ts';
import { planMounts, type Mount, type Place } from './mounts.ts';
import { seatbeltProfile } from './seatbelt.ts';

/** What the sandbox has to know of the machine. */
export interface SandboxDeps {
  readonly platform: NodeJS.Platform;
  readonly mode: 'auto' | 'off';
  readonly homeDir: string;
  readonly path: string | undefined;
  /** Never visible to commands. */
  readonly hiddenPaths: readonly string[];
}

const seatbeltProgram = '/usr/bin/sandbox-exec';
const probeTimeoutMs = 5_000;

/** Puts commands behind the walls of the operating system, where it has some. Looked for once, on first use. */
export class Sandbox {
  readonly #deps: SandboxDeps;
  #state: Promise<SandboxState> | undefined;
  #program = '';

  constructor(deps: SandboxDeps) {
    this.#deps = deps;
  }

  /** Which walls there are; tried out, not guessed. */
  state(): Promise<SandboxState> {
    return (this.#state ??= this.#find());
  }

  /** The command inside the walls; unchanged where there are none. */
  async wrap(
    argv: readonly string[],
    cwd: string,
    walls: Pick<ToolWalls, 'readRoots' | 'writeRoots' | 'network'>,
  ): Promise<readonly string[]> {
    const { kind } = await this.state();
    if (kind === 'none') return argv;
    const mounts = this.#mounts(cwd, walls);
    if (kind === 'seatbelt')
      return [seatbeltProgram, '-p', seatbeltProfile({ mounts, network: walls.network }), ...argv];
    const asRoot = process.getuid?.() === 0;
    return [this.#program, ...bubblewrapArguments({ mounts, cwd, network: walls.network, asRoot }), ...argv];
  }

  #mounts(cwd: string, walls: Pick<ToolWalls, 'readRoots' | 'writeRoots'>): Mount[] {
    return planMounts({
      homeDir: this.#deps.homeDir,
      writeRoots: walls.writeRoots.filter((place) => path.isAbsolute(place)),
      readRoots: [...walls.readRoots.filter((place) => path.isAbsolute(place)), cwd],
      hiddenPaths: this.#deps.hiddenPaths,
      look,
    });
  }

  async #find(): Promise<SandboxState> {
    const { mode, platform } = this.#deps;
    if (mode === 'off') return { kind: 'none', reason: 'it is switched off' };
    if (platform === 'darwin')
      return existsSync(seatbeltProgram) ? { kind: 'seatbelt' } : { kind: 'none', reason: 'sandbox-exec is missing' };
    if (platform !== 'linux') return { kind: 'none', reason: 'this platform has none that Steward uses' };
    const program = this.#findProgram('bwrap');
    if (program === undefined) return { kind: 'none', reason: 'bubblewrap is not installed' };
    const args = bubblewrapArguments({ mounts: [], cwd: '/', network: false, asRoot: process.getuid?.() === 0 });
    const problem = await tryOut(program, [...args, '/bin/sh', '-c', 'exit 0']);
    if (problem !== undefined) return { kind: 'none', reason: `bubblewrap does not work here: ${problem}` };
    this.#program = program;
    return { kind: 'bubblewrap' };
  }

  #findProgram(name: string): string | undefined {
    const folders = (this.#deps.path ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
    return [...folders, '/usr/bin'].map((folder) => path.join(folder, name)).find((file) => existsSync(file));
  }
}

function look(place: string): Place | undefined {
  try {
    // Most places are not there, and an error costs more than an answer.
    const there = statSync(place, { throwIfNoEntry: false });
    if (there === undefined) return undefined;
    const real = realpathSync.native(place);
    return { path: real, kind: statSync(real).isDirectory() ? 'folder' : 'file' };
  } catch {
    // Nothing is there, or nothing that this user, and so a command, can reach.
    return undefined;
  }
}

function tryOut(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: {} });
    const timer = setTimeout(() => child.kill('SIGKILL'), probeTimeoutMs);
    const end = (problem: string | undefined): void => {
      clearTimeout(timer);
      resolve(problem);
    };
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString('utf8')).slice(0, 500)));
    child.once('error', (error) => end(error.message));
    child.once('close', (code) => end(code === 0 ? undefined : words.trim() || `it ended with code ${code}`));
  });
}
