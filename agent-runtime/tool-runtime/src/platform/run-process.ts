import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { RedactingStream, type SecretFinder } from '@steward/secrets';
import { BoundedOutput } from '../output/bounded-output.ts';
import type { OutputSpool } from '../output/spool.ts';
import { systemCodeOf } from '../problem.ts';
import { commandEnvironment } from './environment.ts';
import { markedProcesses, processTreeOf, type ProcessTree } from './process-tree.ts';
import { watchResources, type Excess, type WatchedLimits } from './resource-watch.ts';

/** One program to run to its end. */
export interface ProcessRequest {
  /** Name by which its processes are found again, also by a later runtime: the id of the tool call. */
  readonly marker: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin?: string;
  readonly timeoutMs: number;
  /** Kills the tree. */
  readonly force: AbortSignal;
  readonly maxOutputBytes: number;
  readonly liveOutputBytes: number;
  readonly spool: OutputSpool;
  /** The system itself ends everything when the program ends; what is seen afterwards is only on its way out. */
  readonly contained: boolean;
  /** On Windows the text after the program is passed as it is. */
  readonly verbatim?: boolean;
  onOutput(text: string): void;
  /** Variables of this program alone, beside the allow-list. */
  readonly extraEnv?: Readonly<Record<string, string>>;
  /** What has to be taken out of its output, before anybody sees or keeps it. */
  readonly findSecrets?: SecretFinder;
  readonly limits?: WatchedLimits;
}

/** How it ended. */
export interface ProcessResult {
  readonly exitCode: number;
  /** Why it was ended by us. */
  readonly stopped?: 'timeout' | 'forced' | Excess;
  /** Whether something it had started was still alive when it ended. */
  readonly leftovers: boolean;
  readonly output: string;
  readonly outputBytes: number;
}

const outputGraceMs = 500;
const killRounds = 70;
/** A sandbox on its way out is gone within a millisecond or two; a program that fights back takes longer. */
const firstRounds = 10;
const quickRounds = 30;
const killRoundMs = 50;

/** Runs programs in their own process group and leaves nothing alive. */
export class CommandRunner {
  readonly #platform: NodeJS.Platform;
  readonly #killGraceMs: number;
  readonly #running = new Set<() => Promise<void>>();

  constructor(platform: NodeJS.Platform, killGraceMs: number) {
    this.#platform = platform;
    this.#killGraceMs = killGraceMs;
  }

  /** Runs one program. Never rejects for what the program does; a program that can't be started is exit code 127 or 126. */
  async run(request: ProcessRequest): Promise<ProcessResult> {
    const { marker } = request;
    const [file = '', ...args] = request.argv;
    const child = spawn(file, args, {
      cwd: request.cwd,
      env: { ...commandEnvironment(request.env, this.#platform, marker), ...request.extraEnv },
      detached: this.#platform !== 'win32',
      stdio: [request.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      windowsHide: true,
      windowsVerbatimArguments: request.verbatim ?? false,
    });
    const output = new BoundedOutput(request.maxOutputBytes);
    const ended = this.#watch(child, request, output, marker);
    if (child.stdin !== null) {
      // A program that does not read its input closes the pipe; that is its right.
      child.stdin.on('error', () => undefined);
      child.stdin.end(request.stdin);
    }
    return ended;
  }

  /** Ends what a runtime that is gone has left running of a call, where the system can tell. */
  async endLeftovers(marker: string): Promise<void> {
    await killTree(markedProcesses(marker, this.#platform), this.#killGraceMs);
  }

  /** Kills everything that still runs. */
  async dispose(): Promise<void> {
    await Promise.all([...this.#running].map((kill) => kill()));
  }

  async #watch(
    child: ChildProcess,
    request: ProcessRequest,
    output: BoundedOutput,
    marker: string,
  ): Promise<ProcessResult> {
    const streams = [child.stdout, child.stderr].filter((stream): stream is Readable => stream !== null);
    const live = liveOutput(request);
    const pumps = streams.map((stream) => pump(stream, request, output, live));
    const exit = new Promise<number>((resolve) => {
      child.once('error', (error) => {
        const code = systemCodeOf(error);
        const text =
          code === 'ENOENT'
            ? `${request.argv[0]}: command not found\n`
            : `${request.argv[0]}: could not be started (${code ?? 'unknown'})\n`;
        output.push(Buffer.from(text));
        resolve(code === 'ENOENT' ? 127 : 126);
      });
      child.once('exit', (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0))),
      );
    });
    const tree = child.pid === undefined ? undefined : processTreeOf(child.pid, marker, this.#platform);
    let stopped: ProcessResult['stopped'];
    let killing: Promise<void> | undefined;
    const stop = (why: NonNullable<ProcessResult['stopped']>, graceMs = this.#killGraceMs): Promise<void> => {
      stopped ??= why;
      killing ??= tree === undefined ? Promise.resolve() : killTree(tree, graceMs, exit);
      return killing;
    };
    const onForce = (): void => void stop('forced');
    const disposeIt = (): Promise<void> => stop('forced');
    this.#running.add(disposeIt);
    const timer = setTimeout(() => void stop('timeout'), request.timeoutMs);
    const unwatch =
      tree === undefined || request.limits === undefined
        ? (): void => undefined
        : watchResources(tree, request.limits, (excess) => void stop(excess, 0));
    if (request.force.aborted) onForce();
    else request.force.addEventListener('abort', onForce, { once: true });
    try {
      const exitCode = await exit;
      clearTimeout(timer);
      await killing;
      // What a command leaves behind would outlive its approval, so it ends with it.
      const alive = tree?.signal(request.contained ? 'SIGKILL' : 'SIGTERM') ?? false;
      if (alive && tree !== undefined) await killTree(tree, request.contained ? 0 : this.#killGraceMs);
      const leftovers = alive && stopped === undefined && !request.contained;
      await Promise.race([Promise.all(pumps), delay(outputGraceMs)]);
      streams.forEach((stream) => stream.destroy());
      await Promise.all(pumps);
      return {
        exitCode,
        leftovers,
        output: output.text(),
        outputBytes: output.totalBytes,
        ...(stopped === undefined ? {} : { stopped }),
      };
    } finally {
      clearTimeout(timer);
      unwatch();
      request.force.removeEventListener('abort', onForce);
      this.#running.delete(disposeIt);
    }
  }
}

async function killTree(tree: Pick<ProcessTree, 'signal'>, graceMs: number, exit?: Promise<unknown>): Promise<void> {
  if (graceMs > 0 && !tree.signal('SIGTERM')) return;
  const step = Math.max(1, Math.min(killRoundMs, graceMs));
  for (let waited = 0; waited < graceMs; waited += step) {
    await (exit === undefined ? delay(step) : Promise.race([delay(step), exit.then(() => delay(5))]));
    if (!aliveAfter(tree)) return;
  }
  for (let round = 0; round < killRounds && tree.signal('SIGKILL'); round++)
    await delay(round < firstRounds ? 1 : round < quickRounds ? 5 : killRoundMs);
}

function aliveAfter(tree: Pick<ProcessTree, 'signal'>): boolean {
  return tree.signal('SIGTERM');
}

/** Reads a stream to its end, no faster than the disk takes it. Secrets are out before the first copy is made. */
async function pump(
  stream: Readable,
  { spool, findSecrets }: ProcessRequest,
  output: BoundedOutput,
  live: (chunk: Buffer) => void,
): Promise<void> {
  const take = async (chunk: Buffer): Promise<void> => {
    if (chunk.length === 0) return;
    output.push(chunk);
    live(chunk);
    if (!spool.push(chunk)) await spool.drained();
  };
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const redacting = findSecrets === undefined ? undefined : new RedactingStream(findSecrets);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>)
      await take(
        redacting === undefined ? chunk : Buffer.from(redacting.push(decoder.decode(chunk, { stream: true }))),
      );
  } catch {
    // The stream was closed from this side after the program had ended.
  }
  if (redacting !== undefined) await take(Buffer.from(redacting.push(decoder.decode()) + redacting.end()));
}

function liveOutput(request: ProcessRequest): (chunk: Buffer) => void {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let passed = 0;
  return (chunk) => {
    if (passed >= request.liveOutputBytes) return;
    passed += chunk.length;
    request.onOutput(decoder.decode(chunk, { stream: true }));
    if (passed >= request.liveOutputBytes)
      request.onOutput('\n[more output follows; only its start is shown while the command runs]\n');
  };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    timer.unref();
  });
}
