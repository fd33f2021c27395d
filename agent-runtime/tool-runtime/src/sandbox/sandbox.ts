import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import path from 'node:path';
import type { SandboxState } from '@steward/contracts';
import type { Clock } from '@steward/sdk';
import type { ToolWalls } from '@steward/tool-port';
import { boundSockets } from './bound-sockets.ts';
import { bubblewrapArguments, proxyFolderInside } from './bubblewrap.ts';
import { openControlGroup, removeForgottenGroups } from './control-group.ts';
import { planMounts, type Mount, type Place } from './mounts.ts';
import { bridgeWords } from './network-bridge.ts';
import { launcherWords, processLimitWords, type ResourceLimits } from './resource-limits.ts';
import { seatbeltProfile } from './seatbelt.ts';
import { findSecretFiles } from './secret-files.ts';
import { systemCallFilter } from './system-call-filter.ts';

/** A proxy of one command, listening until it is closed. */
export interface OpenedProxy {
  /** Folder of its socket; nothing else is in it. */
  readonly folder: string;
  readonly socketName: string;
  /** Its loopback port and the secret that opens it, where a socket can't be handed in. */
  readonly port?: number;
  readonly token?: string;
  close(): void;
}

/** What the sandbox has to know of the machine. */
export interface SandboxDeps {
  readonly platform: NodeJS.Platform;
  readonly clock: Pick<Clock, 'now'>;
  readonly mode: 'auto' | 'off';
  readonly homeDir: string;
  /** Private to the session; the filter of system calls is kept there. */
  readonly stateDir: string;
  readonly path: string | undefined;
  /** Never visible to commands. */
  readonly hiddenPaths: readonly string[];
  readonly limits: Omit<ResourceLimits, 'cpuSeconds'>;
  /** Opens the egress proxy of one command, which judges by these walls. */
  openProxy(walls: ToolWalls, kind: 'socket' | 'port'): Promise<OpenedProxy>;
}

/** A command with everything that walls it in. */
export interface Enclosure {
  readonly argv: readonly string[];
  /** Further variables of the command. */
  readonly env: Readonly<Record<string, string>>;
  /** Files that the command can not open, since the policy does not let them be read without asking. */
  readonly hidden: readonly string[];
  /** To be called once, after the last process has ended. */
  release(): void;
}

const seatbeltProgram = '/usr/bin/sandbox-exec';
const probeTimeoutMs = 5_000;

/** Puts commands behind the walls of the operating system, where it has some. Looked for once, on first use. */
export class Sandbox {
  readonly #deps: SandboxDeps;
  #state: Promise<SandboxState> | undefined;
  #program = '';
  #filterFile: string | undefined;

  constructor(deps: SandboxDeps) {
    this.#deps = deps;
  }

  /** Which walls there are; tried out, not guessed. */
  state(): Promise<SandboxState> {
    return (this.#state ??= this.#find());
  }

  /**
   * The command inside the walls; unchanged where there are none. With a network it reaches the egress proxy and
   * nothing else.
   * @param cpuSeconds time on processors that a single process may use
   */
  async enclose(argv: readonly string[], cwd: string, walls: ToolWalls, cpuSeconds: number): Promise<Enclosure> {
    const { kind } = await this.state();
    if (kind === 'none') return { argv, env: {}, hidden: [], release: () => undefined };
    return kind === 'seatbelt'
      ? this.#encloseBySeatbelt(argv, cwd, walls)
      : this.#encloseByBubblewrap(argv, cwd, walls, cpuSeconds);
  }

  async #encloseBySeatbelt(argv: readonly string[], cwd: string, walls: ToolWalls): Promise<Enclosure> {
    const proxy = walls.network ? await this.#deps.openProxy(walls, 'port') : undefined;
    const hidden = unreadable(cwd, walls);
    const mounts = this.#mounts(cwd, walls, [], hidden);
    const port = proxy?.port;
    const profile = seatbeltProfile({ mounts, ...(port === undefined ? {} : { proxyPort: port }) });
    return {
      argv: [seatbeltProgram, '-p', profile, ...argv],
      env: port === undefined ? {} : proxyVariables(`http://steward:${proxy?.token ?? ''}@127.0.0.1:${port}`),
      hidden,
      release: () => proxy?.close(),
    };
  }

  async #encloseByBubblewrap(
    argv: readonly string[],
    cwd: string,
    walls: ToolWalls,
    cpuSeconds: number,
  ): Promise<Enclosure> {
    const limits = { ...this.#deps.limits, cpuSeconds };
    const proxy = walls.network ? await this.#deps.openProxy(walls, 'socket') : undefined;
    const group = openControlGroup(limits);
    const hidden = unreadable(cwd, walls);
    const asRoot = process.getuid?.() === 0;
    const node = process.execPath;
    const inside = proxy === undefined ? [] : bridgeWords(node, path.posix.join(proxyFolderInside, proxy.socketName));
    const bubblewrap = bubblewrapArguments({
      mounts: this.#mounts(cwd, walls, proxy === undefined ? [] : [node], hidden),
      cwd,
      asRoot,
      temporaryBytes: limits.temporaryBytes,
      filtered: this.#filterFile !== undefined,
      ...(proxy === undefined ? {} : { proxyFolder: proxy.folder }),
    });
    return {
      argv: [
        ...launcherWords(limits, this.#filterFile, group.joinFiles),
        this.#program,
        ...bubblewrap,
        ...processLimitWords(limits, asRoot, release()),
        ...inside,
        ...argv,
      ],
      env: {},
      hidden,
      release: () => {
        proxy?.close();
        group.close();
      },
    };
  }

  #mounts(cwd: string, walls: ToolWalls, programs: readonly string[], hidden: readonly string[]): Mount[] {
    const plan = {
      homeDir: this.#deps.homeDir,
      writeRoots: walls.writeRoots.filter((place) => path.isAbsolute(place)),
      readRoots: [...walls.readRoots.filter((place) => path.isAbsolute(place)), cwd, ...programs],
      hiddenPaths: [...this.#deps.hiddenPaths, ...hidden],
      programFolders: (this.#deps.path ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder)),
      sockets: readSockets(this.#deps.platform),
      look,
    };
    return planMounts(plan);
  }

  async #find(): Promise<SandboxState> {
    const { mode, platform } = this.#deps;
    if (mode === 'off') return { kind: 'none', reason: 'it is switched off' };
    if (platform === 'darwin')
      return existsSync(seatbeltProgram) ? { kind: 'seatbelt' } : { kind: 'none', reason: 'sandbox-exec is missing' };
    if (platform !== 'linux') return { kind: 'none', reason: 'this platform has none that Steward uses' };
    const program = this.#findProgram('bwrap');
    if (program === undefined) return { kind: 'none', reason: 'bubblewrap is not installed' };
    this.#program = program;
    try {
      this.#filterFile = this.#writeFilter();
    } catch (error) {
      return {
        kind: 'none',
        reason: `it could not be prepared: ${error instanceof Error ? error.message : 'unknown'}`,
      };
    }
    const walls: ToolWalls = {
      checkPath: () => true,
      allowAddress: () => false,
      readRoots: [],
      writeRoots: [],
      network: false,
    };
    const trial = await this.#encloseByBubblewrap(['/bin/sh', '-c', 'exit 0'], '/', walls, probeTimeoutMs / 1000);
    const problem = await tryOut(trial.argv);
    trial.release();
    if (problem !== undefined) return { kind: 'none', reason: `bubblewrap does not work here: ${problem}` };
    void removeForgottenGroups(this.#deps.clock.now());
    return { kind: 'bubblewrap' };
  }

  /** Other machines than these two get every wall but the filter. */
  #writeFilter(): string | undefined {
    const { arch } = process;
    if (arch !== 'x64' && arch !== 'arm64') return undefined;
    const file = path.join(this.#deps.stateDir, 'system-calls.bpf');
    mkdirSync(this.#deps.stateDir, { recursive: true });
    writeFileSync(file, systemCallFilter(arch), { mode: 0o600 });
    return file;
  }

  #findProgram(name: string): string | undefined {
    const folders = (this.#deps.path ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
    // The system's own comes first: a folder of the person's path can be written by other programs.
    return ['/usr/bin', ...folders].map((folder) => path.join(folder, name)).find((file) => existsSync(file));
  }
}

/** Files in reach of a command that usually hold secrets and that the policy does not let this call read. */
function unreadable(cwd: string, walls: ToolWalls): string[] {
  const roots = [...walls.writeRoots, ...walls.readRoots, cwd].filter(
    (place) => path.isAbsolute(place) && place !== '/',
  );
  const outermost = roots.filter(
    (root, at) => !roots.some((other, from) => isAbove(other, root) && (other !== root || from < at)),
  );
  return findSecretFiles(outermost).filter((file) => !walls.checkPath('File.Read', look(file)?.path ?? file));
}

function isAbove(folder: string, place: string): boolean {
  return place === folder || place.startsWith(`${folder}/`);
}

/** The variables by which programs find a proxy. */
function proxyVariables(address: string): Record<string, string> {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'npm_config_proxy', 'npm_config_https_proxy'];
  return {
    ...Object.fromEntries(names.flatMap((name) => [name, name.toLowerCase()].map((each) => [each, address]))),
    NO_PROXY: '',
    no_proxy: '',
    NODE_USE_ENV_PROXY: '1',
  };
}

function readSockets(platform: NodeJS.Platform): string[] {
  if (platform !== 'linux') return [];
  try {
    return boundSockets(readFileSync('/proc/net/unix', 'utf8'));
  } catch {
    return [];
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

function tryOut(argv: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const [program = '', ...args] = argv;
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
