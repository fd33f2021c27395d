import type { Revocation, SessionHandshake, SessionHistory, SessionHolder } from '@steward/contracts';
import { StewardError, assertValid, validateSessionHandshake, validateSessionHistory } from '@steward/sdk';
import type { ArtifactInput, BackendTools } from '@steward/tool-port';
import type { Backend, OutboxRequest, RemoteApproval, TelemetrySignal } from '../ports.ts';
import { HttpBackendTools } from './http-backend-tools.ts';
import { HttpJson } from './http-json.ts';
import { followEvents } from './follow-events.ts';

/** Base addresses of the services, each ending in `/v1`, and of the policy keys. */
export interface BackendAddresses {
  readonly session: string;
  readonly workspace: string;
  readonly approval: string;
  readonly audit: string;
  /** Absent: nothing is told. */
  readonly telemetry?: string;
  /** Absent: no backend tools. */
  readonly tools?: string;
  readonly policyJwks: string;
}

/** Short, since a lease is also given up while a person waits for the end. */
const leaseTimeoutMs = 2_000;
const inlineLimitBytes = 1024 * 1024;

/** The services over HTTP. */
export class HttpBackend implements Backend {
  readonly #addresses: BackendAddresses;
  readonly #http = new HttpJson();
  readonly #whileOpening: (how: 'create' | 'resume') => void;
  readonly tools?: BackendTools;
  #token = '';

  /** @param whileOpening called while the Session Service works on a handshake: time that is free for loading. */
  constructor(addresses: BackendAddresses, whileOpening: (how: 'create' | 'resume') => void = () => undefined) {
    this.#addresses = addresses;
    this.#whileOpening = whileOpening;
    if (addresses.tools !== undefined)
      this.tools = new HttpBackendTools(this.#http, addresses.tools, () => this.#token);
  }

  setAccessToken(token: string): void {
    this.#token = token;
  }

  warmUp(): void {
    const { origin } = new URL(this.#addresses.session);
    void this.#http.warmUp(new URL('/healthz', origin));
  }

  async createSession(params: unknown, idempotencyKey: string): Promise<SessionHandshake> {
    return this.#handshake('create', '/sessions', params, idempotencyKey);
  }

  async resumeSession(sessionId: string, body: unknown, idempotencyKey: string): Promise<SessionHandshake> {
    return this.#handshake('resume', `/sessions/${sessionId}/resume`, body, idempotencyKey);
  }

  async renewLease(sessionId: string, holder: SessionHolder): Promise<void> {
    const url = this.#url('session', `/sessions/${sessionId}`);
    await this.#http.request({ method: 'PATCH', url, token: this.#token, body: { holder }, timeoutMs: leaseTimeoutMs });
  }

  async fetchHistory(workspaceId: string, sessionId: string): Promise<SessionHistory | undefined> {
    const base = `/workspaces/${workspaceId}/artifacts`;
    const page = (await this.#call(
      'workspace',
      'GET',
      `${base}?sessionId=${sessionId}&artifactType=session_history&limit=1`,
    )) as { items: { artifactId: string }[] };
    const artifactId = page.items[0]?.artifactId;
    if (artifactId === undefined) return undefined;
    const content = await this.#http.bytes({
      method: 'GET',
      url: this.#url('workspace', `${base}/${artifactId}/content`),
      token: this.#token,
    });
    return assertValid<SessionHistory>(
      validateSessionHistory,
      JSON.parse(content.toString('utf8')),
      'The saved history',
    );
  }

  async fetchJwks(): Promise<{ keys: readonly Record<string, unknown>[] }> {
    const jwks = (await this.#http.request({ method: 'GET', url: new URL(this.#addresses.policyJwks) })) as {
      keys?: unknown;
    };
    if (!Array.isArray(jwks?.keys))
      throw new StewardError(
        'POLICY_BUNDLE_INVALID',
        'The Policy Service published no keys, so no policy can be verified.',
      );
    return jwks as { keys: Record<string, unknown>[] };
  }

  async uploadArtifact(
    workspaceId: string,
    artifact: Record<string, unknown>,
    source: ArtifactInput['source'],
  ): Promise<void> {
    const path = `/workspaces/${workspaceId}/artifacts`;
    const key = String(artifact['artifactId']);
    if (source.kind === 'bytes' && source.bytes.length <= inlineLimitBytes) {
      const content = Buffer.from(source.bytes).toString('base64');
      await this.#call('workspace', 'POST', path, { ...artifact, content, contentEncoding: 'base64' }, key);
      return;
    }
    const sizeBytes = source.kind === 'bytes' ? source.bytes.length : source.sizeBytes;
    await this.#call('workspace', 'POST', path, { ...artifact, sizeBytes }, key);
    const url = this.#url('workspace', `${path}/${key}/content`);
    await this.#http.request({
      method: 'PUT',
      url,
      token: this.#token,
      content: source.kind === 'bytes' ? source.bytes : source,
      timeoutMs: 600_000,
    });
  }

  async send(request: OutboxRequest, idempotencyKey: string): Promise<void> {
    await this.#call(request.service, request.method, request.path, request.body, idempotencyKey);
  }

  async appendAuditEvents(events: readonly unknown[]): Promise<void> {
    await this.#call('audit', 'POST', '/audit/events', { events });
  }

  async sendTelemetry(events: readonly TelemetrySignal[]): Promise<void> {
    const { telemetry } = this.#addresses;
    if (telemetry === undefined) return;
    const url = new URL(`${telemetry.replace(/\/$/, '')}/telemetry/events`);
    await this.#http.request({ method: 'POST', url, token: this.#token, body: { events }, timeoutMs: 1_000 });
  }

  async fetchApproval(approvalId: string): Promise<RemoteApproval | undefined> {
    try {
      const found = (await this.#call('approval', 'GET', `/approvals/${approvalId}`)) as RemoteApproval & {
        decision?: { reason?: string };
      };
      const { status, actionDigest, decidedBy } = found;
      const reason = found.decision?.reason;
      return {
        status,
        actionDigest,
        ...(decidedBy === undefined ? {} : { decidedBy }),
        ...(reason === undefined ? {} : { reason }),
      };
    } catch (error) {
      if (error instanceof StewardError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  async followRevocations(
    fromSeq: number,
    { onSign, onEntry }: { onSign(): void; onEntry(entry: Revocation): void },
    signal: AbortSignal,
  ): Promise<void> {
    const url = this.#policyUrl(`/revocations?from_seq=${fromSeq}`);
    await followEvents({
      url,
      token: this.#token,
      signal,
      onSign,
      onData: (data) => onEntry(JSON.parse(data) as Revocation),
    });
  }

  async listRevocations(fromSeq: number): Promise<{ items: readonly Revocation[]; lastSeq: number }> {
    const url = this.#policyUrl(`/revocation-list?from_seq=${fromSeq}&limit=200`);
    const page = await this.#http.request({ method: 'GET', url, token: this.#token, timeoutMs: 5_000 });
    return page as { items: readonly Revocation[]; lastSeq: number };
  }

  close(): void {
    this.#http.close();
  }

  /** The pinned address of the keys is the Policy Service's own. */
  #policyUrl(path: string): URL {
    return new URL(this.#addresses.policyJwks.replace(/\/\.well-known\/jwks\.json$/, '') + path);
  }

  async #handshake(
    how: 'create' | 'resume',
    path: string,
    body: unknown,
    idempotencyKey: string,
  ): Promise<SessionHandshake> {
    const answer = await this.#http.request({
      method: 'POST',
      url: this.#url('session', path),
      token: this.#token,
      body,
      idempotencyKey,
      onSent: () => this.#whileOpening(how),
    });
    return assertValid<SessionHandshake>(validateSessionHandshake, answer, 'The handshake of the Session Service');
  }

  #call(
    service: 'session' | 'workspace' | 'approval' | 'audit',
    method: string,
    path: string,
    body?: unknown,
    idempotencyKey?: string,
  ): Promise<unknown> {
    return this.#http.request({
      method,
      url: this.#url(service, path),
      token: this.#token,
      ...(body === undefined ? {} : { body }),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    });
  }

  #url(service: Exclude<keyof BackendAddresses, 'policyJwks' | 'telemetry' | 'tools'>, path: string): URL {
    return new URL(this.#addresses[service].replace(/\/$/, '') + path);
  }
}
