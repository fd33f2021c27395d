import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** The one line that a started stack prints. */
export interface ReadyLine {
  readonly ready: true;
  readonly app?: string;
  readonly services: Readonly<
    Record<'session' | 'policy' | 'workspace' | 'approval' | 'audit' | 'telemetry' | 'tools', string>
  >;
  readonly issuer: string;
  readonly caFile: string;
  readonly gateway: string;
  readonly home: string;
  readonly runtime: { readonly command: readonly string[]; readonly env: Readonly<Record<string, string>> };
}

/** A process of ours that has ended. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a person who has just cloned: nothing of the test runner's. */
export function plainEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = '', HOME = '', LANG = 'C.UTF-8', TMPDIR } = process.env;
  return { PATH, HOME, LANG, ...(TMPDIR === undefined ? {} : { TMPDIR }), DEMO_GATEWAY_DELAY_MS: '2', ...extra };
}

/** A folder that is removed by `cleanUp`. */
export function temporaryFolder(name: string): { readonly path: string; cleanUp(): void } {
  const path = mkdtempSync(join(tmpdir(), `steward-${name}-`));
  return { path, cleanUp: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Runs one of the root's scripts to its end. */
export function runScript(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [join(root, 'tools', script), ...args], {
    cwd: root,
    env: plainEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return finished(child);
}

function finished(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (stderr += text.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Where the stack keeps its data when a run of the tests names another place than the embedded engines. */
const otherPlace = JSON.parse(process.env['TEST_STACK_ENVIRONMENT'] ?? '{}') as Record<string, string>;

/** A running stack, started as a person starts it. */
export class Stack {
  readonly ready: ReadyLine;
  readonly startedInMs: number;
  readonly #child: ChildProcess;
  readonly #end: Promise<Finished>;

  private constructor(child: ChildProcess, end: Promise<Finished>, ready: ReadyLine, startedInMs: number) {
    this.#child = child;
    this.#end = end;
    this.ready = ready;
    this.startedInMs = startedInMs;
  }

  /** `npm start -- --no-open --json --home HOME`, or `npm run stack` when `stackOnly`. Rejects when it ends first. */
  static async start(
    home: string,
    options: { stackOnly?: boolean; env?: Readonly<Record<string, string>> } = {},
  ): Promise<Stack> {
    const started = performance.now();
    const args = [
      join(root, 'tools/start.mjs'),
      '--no-open',
      '--json',
      '--home',
      home,
      ...(options.stackOnly === true ? ['--stack-only'] : []),
    ];
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: plainEnvironment({ ...otherPlace, ...options.env }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = finished(child);
    const ready = await new Promise<ReadyLine>((resolve, reject) => {
      createInterface({ input: child.stdout! }).once('line', (line) => {
        try {
          resolve(JSON.parse(line) as ReadyLine);
        } catch (error) {
          reject(error as Error);
        }
      });
      void end.then(({ code, stderr }) => reject(new Error(`The stack ended with ${code}:\n${stderr.slice(-4000)}`)));
    });
    return new Stack(child, end, ready, performance.now() - started);
  }

  /** Ctrl-C, then waits for the end. */
  stop(): Promise<Finished> {
    this.#child.kill('SIGINT');
    return this.#end;
  }

  /** An access token of a seeded person. */
  async token(user: string): Promise<string> {
    const { stdout, code, stderr } = await runScript('token.mjs', ['--user', user, '--home', this.ready.home]);
    if (code !== 0) throw new Error(stderr);
    return stdout.trim();
  }
}
