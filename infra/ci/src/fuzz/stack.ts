import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** Seeded people of the local stack who take part; all but the last belong to one tenant. */
export const PEOPLE = ['bob', 'carol', 'dave', 'erin', 'mallory'] as const;

/** Access tokens by person, and by `service:<called service>` of the Session Service, which calls all others. */
export type Tokens = Readonly<Record<string, string>>;

/** A whole stack of real processes in a temporary home, started by its own entry point. */
export class FuzzStack {
  readonly home: string;
  readonly caFile: string;
  /** Service → base address, ends in `/v1`. */
  readonly services: Readonly<Record<string, string>>;
  /** File with the current tokens, renewed while the stack runs. */
  readonly tokensFile: string;
  readonly #root: string;
  readonly #issuer: string;
  readonly #process: ChildProcess;
  readonly #renewal: NodeJS.Timeout;

  private constructor(root: string, home: string, child: ChildProcess, ready: ReadyLine) {
    this.#root = root;
    this.#process = child;
    this.home = home;
    this.caFile = ready.caFile;
    this.services = ready.services;
    this.#issuer = ready.issuer;
    this.tokensFile = join(home, 'fuzz-tokens.json');
    // Tokens live ten minutes.
    this.#renewal = setInterval(() => void this.renewTokens().catch(() => undefined), 4 * 60_000);
  }

  /** Starts the stack without rate limits and signs everybody in; throws with the stack's last words when it can't. */
  static async start(root: string): Promise<FuzzStack> {
    const home = await mkdtemp(join(tmpdir(), 'steward-fuzz-'));
    const child = spawn(process.execPath, [join(root, 'tools/start.mjs'), '--stack-only', '--json', '--home', home], {
      cwd: root,
      env: { ...process.env, RATE_LIMITS: 'off', LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const words: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => words.push(line));
    const ready = await new Promise<ReadyLine>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`The stack ended with ${code}: ${words.slice(-5).join(' ')}`)));
      createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as ReadyLine));
    });
    const stack = new FuzzStack(root, home, child, ready);
    try {
      await stack.renewTokens();
    } catch (error) {
      await stack.stop();
      throw error;
    }
    return stack;
  }

  /** Signs everybody in again and replaces the file of tokens; resolves to them. */
  async renewTokens(): Promise<Tokens> {
    const entries: [string, string][] = [];
    for (const person of PEOPLE) {
      const tool = join(this.#root, 'tools/token.mjs');
      const args = [tool, '--user', person, '--home', this.home];
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: this.#root });
      entries.push([person, stdout.trim()]);
    }
    for (const service of Object.keys(this.services))
      entries.push([`service:${service}`, await this.#serviceToken(service)]);
    const tokens = Object.fromEntries(entries);
    await writeFile(`${this.tokensFile}.new`, JSON.stringify(tokens), { mode: 0o600 });
    await rename(`${this.tokensFile}.new`, this.tokensFile);
    return tokens;
  }

  async #serviceToken(called: string): Promise<string> {
    const secrets = JSON.parse(await readFile(join(this.home, 'identity', 'secrets.json'), 'utf8')) as {
      readonly clientSecrets: Readonly<Record<string, string>>;
    };
    const secret = secrets.clientSecrets[SERVICE_CLIENT] ?? '';
    const response = await fetch(`${this.#issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${SERVICE_CLIENT}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: `urn:steward:service:${called}` }),
    });
    const { access_token: token } = (await response.json()) as { readonly access_token?: string };
    if (token === undefined) throw new Error(`The identity provider gave no token for ${called}: ${response.status}.`);
    return token;
  }

  /** Stops every process and removes the home. */
  async stop(): Promise<void> {
    clearInterval(this.#renewal);
    if (this.#process.exitCode === null) {
      const gone = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill('SIGINT');
      await gone;
    }
    await rm(this.home, { recursive: true, force: true });
  }
}

const SERVICE_CLIENT = 'session-service';

interface ReadyLine {
  readonly issuer: string;
  readonly caFile: string;
  readonly services: Readonly<Record<string, string>>;
}
