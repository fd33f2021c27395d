import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { CreateSessionResult, EventPayloads, RpcRequests, SessionEvent } from '@steward/contracts';
import { JsonRpcPeer, LineTransport } from '@steward/sdk';
import type { Stack } from './stack.ts';
import { plainEnvironment } from './stack.ts';

/** An agent runtime driven over stdio as any JSON-RPC client would. */
export class RuntimeClient {
  readonly events: SessionEvent[] = [];
  readonly #child: ChildProcess;
  readonly #peer: JsonRpcPeer;
  readonly #exited: Promise<void>;
  #listeners: (() => void)[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
    this.#peer = new JsonRpcPeer(new LineTransport(child.stdout!, child.stdin!));
    this.#peer.onNotification('SessionEvent', (event) => {
      this.events.push(event as SessionEvent);
      for (const listener of this.#listeners) listener();
    });
    this.#peer.start();
  }

  /** Starts a runtime of this stack and initializes it. */
  static async start(
    stack: Stack,
    accessToken: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<RuntimeClient> {
    const [command = '', ...args] = stack.ready.runtime.command;
    const child = spawn(command, args, {
      env: plainEnvironment({ ...stack.ready.runtime.env, ...env }),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const client = new RuntimeClient(child);
    await client.call('initialize', {
      protocolVersion: 1,
      clientInfo: { name: 'e2e', version: '1.0.0' },
      capabilities: {},
      credentials: { accessToken },
    });
    client.#peer.notify('initialized', {});
    return client;
  }

  call<M extends keyof RpcRequests>(method: M, params: RpcRequests[M]['params']): Promise<RpcRequests[M]['result']> {
    return this.#peer.request(method, params as never) as Promise<RpcRequests[M]['result']>;
  }

  createSession(folder: string | undefined, continueFromSessionId?: string): Promise<CreateSessionResult> {
    return this.call('CreateSession', {
      executionEnvironment: 'desktop',
      workspaceHint: folder === undefined ? {} : { localPaths: [folder] },
      clientInfo: { desktopAppVersion: '0.1.0', localAgentHostVersion: '0.1.0', osFamily: 'Linux' },
      supportedCapabilities: [
        'File.Read',
        'File.Write',
        'File.Delete',
        'Shell.Exec',
        'Network.Http',
        'Workspace.Upload',
        'LLM.Call',
      ],
      ...(continueFromSessionId === undefined ? {} : { continueFromSessionId }),
    });
  }

  /** The first event of a type at or after a position in `events`; waits for it. */
  async event<T extends keyof EventPayloads & string>(
    eventType: T,
    from = 0,
  ): Promise<SessionEvent & { payload: NonNullable<EventPayloads[T]> }> {
    for (;;) {
      const found = this.events.slice(from).find((event) => event.eventType === eventType);
      if (found !== undefined) return found as SessionEvent & { payload: NonNullable<EventPayloads[T]> };
      await new Promise<void>((resolve) => {
        const listener = (): void => {
          this.#listeners = this.#listeners.filter((other) => other !== listener);
          resolve();
        };
        this.#listeners.push(listener);
      });
    }
  }

  /** Approves or denies every approval as it comes, for as long as the client lives. */
  answerApprovals(decision: 'approved' | 'denied', reason?: string): void {
    const answered = new Set<string>();
    this.#listeners.push(() => {
      for (const { eventType, payload, sessionId } of this.events) {
        if (eventType !== 'approval_requested') continue;
        const { approval } = payload as NonNullable<EventPayloads['approval_requested']>;
        if (answered.has(approval.approvalId)) continue;
        answered.add(approval.approvalId);
        void this.call('ApproveAction', {
          sessionId,
          approvalId: approval.approvalId,
          actionDigest: approval.actionDigest,
          decision,
          scope: 'once',
          ...(reason === undefined ? {} : { reason }),
        });
      }
    });
  }

  /** As a crash would, or as the end of the system's session would with SIGTERM. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    await this.#exited;
  }

  /** Orderly; ends the session too when asked. */
  async shutdown(completeSession: boolean): Promise<void> {
    await this.call('Shutdown', { completeSession });
    await this.#exited;
  }
}
