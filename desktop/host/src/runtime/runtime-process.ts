import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { InitializeResult, RpcRequests, SessionEvent } from '@steward/contracts';
import { JsonRpcPeer, LineTransport, ServiceUnreachableError, StewardError, validateSessionEvent } from '@steward/sdk';
import type { Timers } from '../timers.ts';
import { runtimeEnvironment } from './runtime-environment.ts';
import { RuntimeLog } from './runtime-log.ts';

/** What {@link RuntimeProcess.start} needs. */
export interface RuntimeProcessDeps {
  readonly command: readonly string[];
  /** Given by the stack; may hold secrets, never logged. */
  readonly env: Readonly<Record<string, string>>;
  /** The desktop's own environment; only an allow-list of it is passed on. */
  readonly ownEnv: Readonly<Record<string, string | undefined>>;
  readonly logFolder: string;
  readonly clientVersion: string;
  readonly timers: Timers;
  readonly onError: (source: string, error: unknown) => void;
}

/** How a runtime's process ended. */
export interface RuntimeExit {
  /** True when this side asked for it. */
  readonly expected: boolean;
  /** One sentence for a person. */
  readonly message: string;
}

const initializeTimeoutMs = 20_000;
const requestTimeoutMs = 120_000;
/** Completing a session uploads its history; merely leaving has the journal on disk already. */
const completeTimeoutMs = 20_000;
const leaveTimeoutMs = 4_000;
const killGraceMs = 1_000;

/**
 * One agent runtime: a child process that speaks JSON-RPC on stdio. Owns the process until {@link RuntimeProcess.exited}
 * resolves. Events that arrive before `onEvent` is called are kept for it, in order.
 */
export class RuntimeProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #peer: JsonRpcPeer<RpcRequests>;
  readonly #log: RuntimeLog;
  readonly #timers: Timers;
  readonly #early: SessionEvent[] = [];
  readonly exited: Promise<RuntimeExit>;
  #onEvent: ((event: SessionEvent) => void) | undefined;
  #stopping = false;
  #initialized: InitializeResult | undefined;

  private constructor(child: ChildProcessWithoutNullStreams, deps: RuntimeProcessDeps) {
    this.#child = child;
    this.#timers = deps.timers;
    this.#log = new RuntimeLog(deps.logFolder, child.stderr);
    this.#peer = new JsonRpcPeer<RpcRequests>(new LineTransport(child.stdout, child.stdin), {
      onError: (error) => deps.onError('runtime', error),
    });
    this.#peer.onNotification('SessionEvent', (params) => this.#receive(params));
    this.#peer.start();
    this.exited = new Promise((resolve) => {
      // `close` comes after the pipes have been read to their end, so no last event is missed.
      child.once('close', (code, signal) => resolve(this.#exitOf(code, signal)));
      child.once('error', (error) => {
        deps.onError('runtime', error);
        if (child.pid === undefined) resolve({ expected: false, message: 'The agent runtime could not be started.' });
      });
    });
    void this.exited.then(() => this.#log.close());
  }

  /** Starts the process and initializes the connection; a failed start leaves no process behind. */
  static async start(deps: RuntimeProcessDeps, accessToken: string): Promise<RuntimeProcess> {
    const [program = '', ...args] = deps.command;
    const child = spawn(program, [...inspectArguments(deps.ownEnv), ...args], {
      env: runtimeEnvironment(deps.ownEnv, deps.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      // A group of its own: Ctrl-C in the terminal reaches the host alone, which then ends its runtimes in order.
      detached: process.platform !== 'win32',
    });
    const runtime = new RuntimeProcess(child, deps);
    try {
      runtime.#initialized = await runtime.request(
        'initialize',
        {
          protocolVersion: 1,
          clientInfo: { name: 'steward-desktop', version: deps.clientVersion },
          capabilities: {},
          credentials: { accessToken },
        },
        initializeTimeoutMs,
      );
      runtime.#peer.notify('initialized', {});
      return runtime;
    } catch (error) {
      runtime.kill();
      deps.onError('runtime', error);
      throw startFailure(error);
    }
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  get version(): string {
    return this.#initialized?.runtimeInfo.version ?? 'unknown';
  }

  /** Hands over events: first those that came early, then each as it arrives. */
  onEvent(listener: (event: SessionEvent) => void): void {
    this.#onEvent = listener;
    for (const event of this.#early.splice(0)) listener(event);
  }

  /** Sends stderr to the log of this session from now on. */
  async nameLog(sessionId: string): Promise<void> {
    await this.#log.open(sessionId);
  }

  /** Asks the runtime; rejects with its StewardError, or ServiceUnreachableError when it does not answer in time. */
  async request<M extends keyof RpcRequests & string>(
    method: M,
    params: RpcRequests[M]['params'],
    timeoutMs: number = requestTimeoutMs,
  ): Promise<RpcRequests[M]['result']> {
    const deadline = new AbortController();
    const cancel = this.#timers.after(timeoutMs, () =>
      deadline.abort(
        new ServiceUnreachableError(
          `The agent runtime did not answer ${method} within ${timeoutMs / 1000} s. Try again, or close the conversation.`,
        ),
      ),
    );
    try {
      return (await this.#peer.request(method, params as never, {
        signal: deadline.signal,
      })) as RpcRequests[M]['result'];
    } finally {
      cancel();
    }
  }

  /** Ends the process in order: Shutdown, end of input, then signals after a grace period. Idempotent. */
  async stop(options: { completeSession: boolean }): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = true;
      const { completeSession } = options;
      await this.request('Shutdown', { completeSession }, completeSession ? completeTimeoutMs : leaveTimeoutMs).catch(
        () => undefined,
      );
      this.#child.stdin.end();
      const cancelTerm = this.#timers.after(killGraceMs, () => this.#signal('SIGTERM'));
      const cancelKill = this.#timers.after(2 * killGraceMs, () => this.#signal('SIGKILL'));
      await this.exited;
      cancelTerm();
      cancelKill();
    }
    await this.exited;
  }

  /** Ends the process and everything in its group at once. */
  kill(): void {
    this.#stopping = true;
    this.#signal('SIGKILL');
  }

  #receive(params: unknown): void {
    if (validateSessionEvent(params) !== true) {
      throw new StewardError(
        'INVALID_REQUEST',
        'The runtime sent an event that does not have the shape of a SessionEvent.',
      );
    }
    const event = params as SessionEvent;
    if (this.#onEvent === undefined) this.#early.push(event);
    else this.#onEvent(event);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    try {
      if (process.platform === 'win32') this.#child.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      this.#child.kill(signal);
    }
  }

  #exitOf(code: number | null, signal: NodeJS.Signals | null): RuntimeExit {
    if (this.#stopping) return { expected: true, message: 'The agent runtime was stopped.' };
    const how = signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
    return {
      expected: false,
      message: `The agent runtime ended unexpectedly (${how}). What it had saved is kept; resume to go on.`,
    };
  }
}

function startFailure(cause: unknown): StewardError {
  if (cause instanceof ServiceUnreachableError) return cause;
  return new StewardError(
    'INTERNAL_ERROR',
    'The agent runtime could not be started. Look at Diagnostics, or restart Steward.',
    { cause },
  );
}

/** Opens a debugger port on loopback for developers: `STEWARD_INSPECT_RUNTIME=9230`. One conversation at a time. */
export function inspectArguments(env: Readonly<Record<string, string | undefined>>): string[] {
  const port = Number(env['STEWARD_INSPECT_RUNTIME']);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? [`--inspect=127.0.0.1:${port}`] : [];
}
