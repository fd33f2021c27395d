/**
 * What the agent host needs from the world beside tools, whose port is `@steward/tool-port`. The composition root hands in
 * implementations; the host names no tool, no service client and no file system of its own.
 */
import type { Revocation, SessionHandshake, SessionHolder, SessionHistory } from '@steward/contracts';
import type { ArtifactInput, BackendTools } from '@steward/tool-port';

/** Timers as a dependency, so that tests decide when time passes. */
export interface Scheduler {
  /** Runs `action` once after `ms` milliseconds unless the returned function is called first. */
  after(ms: number, action: () => void): () => void;
}

/** One line of the log; never holds tokens, prompts or file contents. */
export interface Log {
  (level: 'debug' | 'info' | 'warn' | 'error', message: string, facts?: Record<string, unknown>): void;
}

/** One tool call as the model wrote it. */
export interface ModelToolCall {
  readonly id: string;
  readonly name: string;
  readonly argumentsText: string;
}

/** A complete answer of the model. */
export interface ModelAnswer {
  readonly text: string;
  readonly toolCalls: readonly ModelToolCall[];
  readonly finishReason: string;
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
}

/** The model behind the gateway. */
export interface Model {
  /**
   * Sends one request and resolves with the whole answer; a partial answer is never resolved.
   * Rejects with ModelError, or with the signal's reason when aborted.
   * @param body the JSON body in pieces, sent as they are
   */
  stream(
    body: readonly Uint8Array[],
    options: { signal: AbortSignal; onText: (text: string) => void },
  ): Promise<ModelAnswer>;
  /** Names of the models that the gateway offers. */
  listModels(signal?: AbortSignal): Promise<readonly string[]>;
  /** Opens a connection ahead of the first request; failures are left to that request. */
  warmUp?(): void;
  close(): void;
}

/** A request that must reach a service some day; kept in the journal until it did. */
export interface OutboxRequest {
  readonly service: 'session' | 'workspace' | 'approval';
  readonly method: 'POST' | 'PATCH' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
}

/** What the Approval Service says of a request. */
export interface RemoteApproval {
  readonly status: 'pending' | 'held' | 'approved' | 'denied' | 'timeout' | 'cancelled';
  readonly actionDigest: string;
  readonly decidedBy?: string;
  readonly reason?: string;
}

/** One operational signal: numbers and fixed words only. */
export interface TelemetrySignal {
  readonly name: string;
  readonly timestamp: string;
  readonly component: 'LocalAgentHost';
  readonly sessionId: string;
  readonly attributes: Readonly<Record<string, number | string>>;
}

/** The backend services, as far as the runtime calls them. All reject with StewardError. */
export interface Backend {
  setAccessToken(token: string): void;
  /** Opens the connection to the Session Service ahead of the handshake. */
  warmUp(): void;
  createSession(params: unknown, idempotencyKey: string): Promise<SessionHandshake>;
  resumeSession(sessionId: string, body: unknown, idempotencyKey: string): Promise<SessionHandshake>;
  /** Renews the lease on a session, or gives it up; rejects with LEASE_LOST while another runtime holds it. */
  renewLease(sessionId: string, holder: SessionHolder): Promise<void>;
  /** The saved thread of an earlier session; undefined when there is none. */
  fetchHistory(workspaceId: string, sessionId: string): Promise<SessionHistory | undefined>;
  fetchJwks(): Promise<{ keys: readonly Record<string, unknown>[] }>;
  /** Stores an artifact; content comes as bytes or from a file. Safe to repeat with the same `artifactId`. */
  uploadArtifact(
    workspaceId: string,
    artifact: Record<string, unknown>,
    source: ArtifactInput['source'],
  ): Promise<void>;
  send(request: OutboxRequest, idempotencyKey: string): Promise<void>;
  appendAuditEvents(events: readonly unknown[]): Promise<void>;
  /** Signals without content; best effort, does nothing where there is no Telemetry Service. */
  sendTelemetry(signals: readonly TelemetrySignal[]): Promise<void>;
  /** The tools of the Backend Tool Service; undefined where this runtime has none. */
  readonly tools?: BackendTools;
  fetchApproval(approvalId: string): Promise<RemoteApproval | undefined>;
  /**
   * Follows the tenant's revocations from a number on. Resolves when the service ends the stream, rejects when it can't
   * be reached, is silent for too long, or the signal aborts. `onSign` tells of every sign of life.
   */
  followRevocations(
    fromSeq: number,
    handlers: { onSign(): void; onEntry(entry: Revocation): void },
    signal: AbortSignal,
  ): Promise<void>;
  /** The same entries as a page. */
  listRevocations(fromSeq: number): Promise<{ items: readonly Revocation[]; lastSeq: number }>;
  close(): void;
}
