import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { plainEnvironment, root } from './stack.ts';
import type { Stack } from './stack.ts';

/** A second desktop beside the stack's own, as another person has one on another machine. */
export class Desktop {
  readonly home: string;
  /** The link that opens it once. */
  readonly app: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, home: string, app: string) {
    this.#child = child;
    this.home = home;
    this.app = app;
  }

  /** Starts the web shell over a data folder of its own. Rejects when it ends first. */
  static async start(stack: Stack, home: string): Promise<Desktop> {
    const child = spawn(process.execPath, [join(root, 'dist/shell-web.js')], {
      cwd: root,
      env: plainEnvironment({
        STEWARD_STACK_FILE: join(stack.ready.home, 'run/stack.json'),
        STEWARD_HOME: home,
        NODE_EXTRA_CA_CERTS: stack.ready.caFile,
        PORT: '0',
      }),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const app = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (line) =>
        resolve((JSON.parse(line) as { app: string }).app),
      );
      child.once('exit', (code) => reject(new Error(`The second desktop ended with ${code}.`)));
    });
    return new Desktop(child, home, app);
  }

  /** Ends it and waits for that. */
  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}
