import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  PolicyBundle,
  PolicyFacts,
  Revocation,
  RpcRequests,
  SessionEvent,
  SessionHandshake,
  SessionHolder,
  ToolRequest,
} from '@steward/contracts';
import { builtInTools } from '@steward/contracts';
import { isSideEffect, starterPolicies } from '@steward/policy-engine';
import { JsonRpcPeer, createTransportPair } from '@steward/sdk';
import type { IdPrefix, NewId } from '@steward/sdk';
import type { EffectIntent, EffectOutcome, ToolExecution, ToolOutcome, ToolRouter } from '@steward/tool-port';
import { RuntimeServer } from '../../src/rpc/runtime-server.ts';
import type { HostDeps } from '../../src/session/session-deps.ts';
import { NamedSecrets } from '../../src/secrets/named-secrets.ts';
import { BundleVerifier } from '../../src/session/bundle-verifier.ts';
import type { Backend, Model, ModelAnswer, OutboxRequest, RemoteApproval, TelemetrySignal } from '../../src/ports.ts';
import { ManualTime } from './manual-time.ts';
import { MemoryJournalFiles } from './memory-journal-files.ts';

/** Ids that count up, well-formed and the same in every run. */
export function countingIds(): NewId {
  let next = 0;
  return (prefix: IdPrefix) => {
    next += 1;
    return `${prefix}_${next.toString().padStart(26, '0')}`;
  };
}

/** What a scripted tool does when it runs. */
export type ToolBehaviour = (
  request: ToolRequest,
  execution: ToolExecution,
) => Promise<Partial<ToolOutcome>> | Partial<ToolOutcome>;

/** Tools that record the order of what is asked of them. */
export class RecordingTools implements ToolRouter {
  readonly log: string[];
  behaviour: ToolBehaviour = () => ({ status: 'succeeded', outputText: 'ok' });
  proof: EffectOutcome = 'unknown';
  folderTrusted = false;
  readonly patch: ToolRouter['patch'];

  constructor(log: string[]) {
    this.log = log;
    this.patch = {
      record: (_taskId, intent, outcome) => void log.push(`patch ${intent.toolName} ${outcome}`),
      preview: () => Promise.resolve([]),
      revert: () => Promise.resolve({ reverted: [], refused: [] }),
      accept: () => undefined,
      planReturn: (effects) => Promise.resolve({ returns: [], rest: effects }),
      giveBack: () => Promise.resolve(undefined),
      forget: () => undefined,
    };
  }

  list(): typeof builtInTools {
    return builtInTools;
  }

  validate(_toolName: string, args: unknown): { ok: true; args: Record<string, unknown> } {
    return { ok: true, args: args as Record<string, unknown> };
  }

  facts(_toolName: string, args: Record<string, unknown>): Promise<PolicyFacts> {
    const path = args['path'];
    const realPaths = typeof path === 'string' ? { [path]: path } : {};
    return Promise.resolve({
      platform: 'linux',
      cwd: '/project',
      workspaceDir: '/project',
      homeDir: '/home/alice',
      realPaths,
    });
  }

  describe(toolName: string, args: Record<string, unknown>): ReturnType<ToolRouter['describe']> {
    const writes = !isSideEffect(toolName) ? [] : toolName === 'RunCommand' ? ['*'] : [String(args['path'])];
    return Promise.resolve({
      summary: `Did ${toolName}`,
      title: `Do ${toolName}`,
      subject: { kind: 'command', arguments: args },
      undo: 'Nothing.',
      writes,
    });
  }

  prepare({ toolCallId, taskId, toolName }: ToolRequest): Promise<EffectIntent> {
    this.log.push(`prepare ${toolName}`);
    return Promise.resolve({ toolCallId, taskId, toolName });
  }

  async execute(request: ToolRequest, execution: ToolExecution): Promise<ToolOutcome> {
    const { toolName, sessionId, taskId, stepId } = request;
    this.log.push(`execute ${toolName}`);
    const outcome = await this.behaviour(request, execution);
    this.log.push(`executed ${toolName}`);
    return { toolName, sessionId, taskId, stepId, status: 'succeeded', ...outcome };
  }

  reconcile(): Promise<EffectOutcome> {
    this.log.push('reconcile');
    return Promise.resolve(this.proof);
  }

  trustFolder(trusted: boolean): void {
    this.folderTrusted = trusted;
  }

  sandboxState(): ReturnType<ToolRouter['sandboxState']> {
    return Promise.resolve({ kind: 'none', reason: 'these tools run nothing' });
  }

  connectBackendTools(): Promise<[]> {
    return Promise.resolve([]);
  }

  connectRemoteTools(): Promise<[]> {
    return Promise.resolve([]);
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

/** A model that says what a test tells it to. */
export class ScriptedModel implements Model {
  readonly bodies: { messages: { role: string; content: string }[] }[] = [];
  next: (index: number, signal: AbortSignal, onText: (text: string) => void) => Promise<ModelAnswer> | ModelAnswer =
    () => ({ text: 'Done.', toolCalls: [], finishReason: 'stop' });

  async stream(
    body: readonly Uint8Array[],
    { signal, onText }: { signal: AbortSignal; onText: (text: string) => void },
  ): Promise<ModelAnswer> {
    const index = this.bodies.push(JSON.parse(Buffer.concat(body).toString('utf8')) as never) - 1;
    return this.next(index, signal, onText);
  }

  listModels(): Promise<string[]> {
    return Promise.resolve(['scripted-model']);
  }

  close(): void {}
}

/** Calls of a tool as the model makes them. */
export function callsOf(...calls: readonly { name: string; arguments: unknown }[]): ModelAnswer {
  return {
    text: '',
    toolCalls: calls.map((call, index) => ({
      id: `call_${index}`,
      name: call.name,
      argumentsText: JSON.stringify(call.arguments),
    })),
    finishReason: 'tool_calls',
  };
}

/** Services in memory. */
export class MemoryBackend implements Backend {
  readonly sent: { request: OutboxRequest; key: string }[] = [];
  readonly audited: unknown[] = [];
  readonly uploads: unknown[] = [];
  /** What each call of resumeSession said to be the last event. */
  readonly cursors: (string | undefined)[] = [];
  readonly telemetry: TelemetrySignal[] = [];
  bundle: Partial<PolicyBundle> = {};
  contextSummaries = false;
  failure: Error | undefined;
  readonly leases: SessionHolder[] = [];
  leaseFailure: Error | undefined;
  remoteApproval: RemoteApproval | undefined;
  readonly revocations: Revocation[] = [];
  streamFailure: Error | undefined;
  pollFailure: Error | undefined;
  readonly #readers = new Set<() => void>();
  readonly #time: ManualTime;

  constructor(time: ManualTime) {
    this.#time = time;
  }

  setAccessToken(): void {}
  warmUp(): void {}
  close(): void {}

  createSession(): Promise<SessionHandshake> {
    return this.#handshake();
  }

  resumeSession(_sessionId?: string, body?: unknown): Promise<SessionHandshake> {
    this.cursors.push((body as { checkpointCursor?: string } | undefined)?.checkpointCursor);
    return this.#handshake();
  }

  renewLease(_sessionId: string, holder: SessionHolder): Promise<void> {
    if (this.leaseFailure !== undefined) return Promise.reject(this.leaseFailure);
    return this.#answer(() => void this.leases.push(holder));
  }

  fetchHistory(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  fetchJwks(): Promise<{ keys: [] }> {
    return Promise.resolve({ keys: [] });
  }

  uploadArtifact(_workspaceId: string, artifact: Record<string, unknown>): Promise<void> {
    return this.#answer(() => void this.uploads.push(artifact));
  }

  send(request: OutboxRequest, key: string): Promise<void> {
    return this.#answer(() => void this.sent.push({ request, key }));
  }

  appendAuditEvents(events: readonly unknown[]): Promise<void> {
    return this.#answer(() => void this.audited.push(...events));
  }

  sendTelemetry(signals: readonly TelemetrySignal[]): Promise<void> {
    return this.#answer(() => void this.telemetry.push(...signals));
  }

  /** Adds an entry to the revocation stream; readers hear of it at once. */
  revoke(entry: Omit<Revocation, 'seq' | 'at' | 'reason'>): void {
    const seq = this.revocations.length + 1;
    this.revocations.push({ seq, at: this.#time.now().toISOString(), reason: 'An incident.', ...entry });
    for (const wake of [...this.#readers]) wake();
  }

  async followRevocations(
    fromSeq: number,
    { onSign, onEntry }: Parameters<Backend['followRevocations']>[1],
    signal: AbortSignal,
  ): Promise<void> {
    if (this.streamFailure !== undefined) throw this.streamFailure;
    const beat = (): void => {
      if (signal.aborted || this.streamFailure !== undefined) return;
      onSign();
      this.#time.after(15_000, beat);
    };
    beat();
    for (let next = fromSeq; !signal.aborted && this.streamFailure === undefined;) {
      const entry = this.revocations[next - 1];
      if (entry !== undefined) {
        onEntry(entry);
        next += 1;
      } else
        await new Promise<void>((resolve) => {
          this.#readers.add(resolve);
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
    }
    if (this.streamFailure !== undefined) throw this.streamFailure;
  }

  listRevocations(fromSeq: number): Promise<{ items: readonly Revocation[]; lastSeq: number }> {
    if (this.pollFailure !== undefined) return Promise.reject(this.pollFailure);
    return Promise.resolve({ items: this.revocations.slice(fromSeq - 1), lastSeq: this.revocations.length });
  }

  /** Ends every stream as a lost connection would. */
  loseStream(failure: Error | undefined): void {
    this.streamFailure = failure;
    for (const wake of [...this.#readers]) wake();
  }

  fetchApproval(): Promise<RemoteApproval | undefined> {
    return this.#answer(() => this.remoteApproval);
  }

  #answer<T>(action: () => T): Promise<T> {
    return this.failure === undefined ? Promise.resolve(action()) : Promise.reject(this.failure);
  }

  #handshake(): Promise<SessionHandshake> {
    const { name, description: _description, ...content } = starterPolicies['Careful developer']!;
    const now = this.#time.now().getTime();
    const bundle = {
      policyBundleVersion: 1,
      schemaVersion: 1,
      tenantId: 'acme',
      userId: 'alice',
      sessionId: testSessionId,
      issuedAt: new Date(now).toISOString(),
      expiresAt: new Date(now + 86_400_000).toISOString(),
      policyName: name,
      killSwitch: false,
      ...content,
      ...this.bundle,
    };
    return this.#answer(() => ({
      sessionId: testSessionId,
      workspaceId: 'ws_01ARZ3NDEKTSV4RRFFQ69G5FAV',
      compatibilityStatus: 'compatible' as const,
      incompatibilities: [],
      policyBundle: JSON.stringify(bundle),
      featureFlags: { approvalUiEnabled: true, mcpEnabled: false, contextSummaries: this.contextSummaries },
    }));
  }
}

/** The one session of a test host. */
export const testSessionId = 'sess_01ARZ3NDEKTSV4RRFFQ69G5FAV';

/** Skips the signature, which has tests of its own. */
class TrustingVerifier extends BundleVerifier {
  override verify(jws: string): Promise<PolicyBundle> {
    return Promise.resolve(JSON.parse(jws) as PolicyBundle);
  }
}

/** A whole agent host in this process, with disk, time, model, tools and services in a test's hands. */
export class TestHost {
  readonly log: string[] = [];
  readonly files: MemoryJournalFiles;
  readonly time: ManualTime;
  readonly model = new ScriptedModel();
  readonly namedSecrets = new NamedSecrets();
  readonly tools = new RecordingTools(this.log);
  readonly backend: MemoryBackend;
  readonly events: SessionEvent[] = [];
  readonly peer: JsonRpcPeer<RpcRequests>;
  readonly server: RuntimeServer;
  readonly home: string;
  #waiting: { matches: (event: SessionEvent) => boolean; resolve: (event: SessionEvent) => void }[] = [];

  constructor(
    kept: {
      files?: MemoryJournalFiles;
      home?: string;
      time?: ManualTime;
      newId?: NewId;
      settings?: Partial<HostDeps>;
    } = {},
  ) {
    this.files = kept.files ?? new MemoryJournalFiles();
    this.time = kept.time ?? new ManualTime();
    this.home = kept.home ?? realpathSync(mkdtempSync(join(tmpdir(), 'steward-host-')));
    this.backend = new MemoryBackend(this.time);
    const [mine, its] = createTransportPair();
    this.server = new RuntimeServer(
      {
        settings: {
          home: this.home,
          platform: 'linux',
          preferredModel: 'scripted-model',
          demoModel: false,
          secrets: ['gateway-secret'],
          runtimeVersion: '0',
        },
        files: this.files,
        backend: this.backend,
        model: this.model,
        verifier: new TrustingVerifier({
          home: this.home,
          clock: this.time,
          fetchJwks: () => this.backend.fetchJwks(),
        }),
        openTools: () => Promise.resolve(this.tools),
        builtInTools,
        namedSecrets: this.namedSecrets,
        clock: this.time,
        newId: kept.newId ?? countingIds(),
        scheduler: this.time,
        log: (level, message, facts) =>
          void (level === 'error' && this.log.push(`log ${message} ${JSON.stringify(facts)}`)),
        random: () => 0.5,
        ...kept.settings,
      },
      () => undefined,
    );
    this.server.connect(its);
    this.peer = new JsonRpcPeer<RpcRequests>(mine);
    this.peer.onNotification('SessionEvent', (event: SessionEvent) => this.#take(event));
    this.peer.start();
  }

  /** Initializes and creates the session. */
  async open(): Promise<void> {
    await this.greet();
    await this.peer.request('CreateSession', {
      executionEnvironment: 'desktop',
      clientInfo: { desktopAppVersion: '1', localAgentHostVersion: '1', osFamily: 'Linux' },
      supportedCapabilities: ['File.Read', 'LLM.Call'],
    });
  }

  async greet(): Promise<void> {
    await this.peer.request('initialize', { protocolVersion: 1, clientInfo: { name: 't', version: '1' } });
    this.peer.notify('initialized', {});
  }

  async start(
    prompt = 'Do it',
    taskOptions?: Partial<RpcRequests['StartTask']['params']['taskOptions']>,
  ): Promise<string> {
    const { task } = await this.peer.request('StartTask', {
      sessionId: testSessionId,
      prompt,
      ...(taskOptions === undefined ? {} : { taskOptions: taskOptions as never }),
    });
    return task.taskId;
  }

  event(matches: string | ((event: SessionEvent) => boolean)): Promise<SessionEvent> {
    const test = typeof matches === 'string' ? (event: SessionEvent) => event.eventType === matches : matches;
    const known = this.events.find(test);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => this.#waiting.push({ matches: test, resolve }));
  }

  ended(taskId: string): Promise<SessionEvent> {
    return this.event(
      (event) => event.taskId === taskId && /^task_(completed|failed|cancelled)$/.test(event.eventType),
    );
  }

  types(): string[] {
    return this.events.map(({ eventType }) => eventType);
  }

  async close(): Promise<void> {
    await this.server.stop();
    rmSync(this.home, { recursive: true, force: true });
  }

  #take(event: SessionEvent): void {
    this.events.push(event);
    this.log.push(`event ${event.eventType}`);
    this.#waiting = this.#waiting.filter(({ matches, resolve }) => {
      if (!matches(event)) return true;
      resolve(event);
      return false;
    });
  }
}
