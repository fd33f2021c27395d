import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RpcRequests, SessionEvent } from '@steward/contracts';
import { JsonRpcPeer, LineTransport } from '@steward/sdk';

const bundle = join(fileURLToPath(import.meta.url), '..', '..', '..', '..', 'dist', 'agent-runtime.js');

/** Facts a client tells about itself. */
export const clientInfo = {
  desktopAppVersion: '0.1.0',
  localAgentHostVersion: '0.1.0',
  osFamily: 'Linux',
  protocolVersion: 1,
  bundleSchemaVersion: 1,
} as const;

/** Capabilities that a desktop offers. */
export const supportedCapabilities = [
  'File.Read',
  'File.Write',
  'File.Delete',
  'Shell.Exec',
  'Network.Http',
  'Workspace.Upload',
  'LLM.Call',
] as const;

/** How a runtime is started. */
export interface RuntimeProcessOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly accessToken?: string;
  /** Other file than the built bundle. */
  readonly file?: string;
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
}

/** A runtime in its own process, driven over stdio. */
export class RuntimeProcess {
  readonly events: SessionEvent[] = [];
  readonly child: ChildProcessWithoutNullStreams;
  readonly peer: JsonRpcPeer<RpcRequests>;
  stderr = '';
  #waiting: { matches: (event: SessionEvent) => boolean; resolve: (event: SessionEvent) => void }[] = [];

  private constructor({ env, file, nodeOptions = [] }: RuntimeProcessOptions) {
    this.child = spawn(process.execPath, [...nodeOptions, file ?? bundle], {
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
      stdio: 'pipe',
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.child.stdin.on('error', () => undefined);
    this.peer = new JsonRpcPeer<RpcRequests>(new LineTransport(this.child.stdout, this.child.stdin));
    this.peer.onNotification('SessionEvent', (event: SessionEvent) => this.#take(event));
    this.peer.start();
  }

  /** Starts a process without saying anything to it. */
  static spawn(options: RuntimeProcessOptions): RuntimeProcess {
    return new RuntimeProcess(options);
  }

  /** Starts a process and initializes the connection. */
  static async start(options: RuntimeProcessOptions): Promise<RuntimeProcess> {
    const runtime = new RuntimeProcess(options);
    await runtime.initialize(options.accessToken);
    return runtime;
  }

  async initialize(accessToken?: string): Promise<RpcRequests['initialize']['result']> {
    const credentials = accessToken === undefined ? {} : { credentials: { accessToken } };
    const result = await this.peer.request('initialize', {
      protocolVersion: 1,
      clientInfo: { name: 'test', version: '1' },
      capabilities: {},
      ...credentials,
    });
    this.peer.notify('initialized', {});
    return result;
  }

  /** Creates a session on a folder, or a general chat. */
  createSession(
    folder?: string,
    more: Partial<RpcRequests['CreateSession']['params']> = {},
  ): Promise<RpcRequests['CreateSession']['result']> {
    return this.peer.request('CreateSession', {
      executionEnvironment: 'desktop',
      clientInfo,
      supportedCapabilities: [...supportedCapabilities],
      ...(folder === undefined ? {} : { workspaceHint: { localPaths: [folder] }, folderTrusted: true }),
      ...more,
    });
  }

  /** The first event, past or to come, that matches. */
  event(matches: string | ((event: SessionEvent) => boolean)): Promise<SessionEvent> {
    const test = typeof matches === 'string' ? (event: SessionEvent) => event.eventType === matches : matches;
    const known = this.events.find(test);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => this.#waiting.push({ matches: test, resolve }));
  }

  /** The end of a task, however it ends. */
  async ended(taskId: string): Promise<SessionEvent> {
    return this.event(
      (event) => event.taskId === taskId && /^task_(completed|failed|cancelled)$/.test(event.eventType),
    );
  }

  /** Kills the process as a crash would. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  /** Closes stdin and waits for the orderly end. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.stdin.end();
    await once(this.child, 'exit');
  }

  #take(event: SessionEvent): void {
    this.events.push(event);
    this.#waiting = this.#waiting.filter(({ matches, resolve }) => {
      if (!matches(event)) return true;
      resolve(event);
      return false;
    });
  }
}
