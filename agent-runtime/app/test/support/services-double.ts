import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  CreateSessionParams,
  EventEnvelope,
  PolicyBundle,
  SessionHistory,
  SessionHolder,
} from '@steward/contracts';
import { starterPolicies } from '@steward/policy-engine';
import { newId } from '@steward/sdk';
import { CompactSign, exportJWK, generateKeyPair } from 'jose';

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

/** What a double says of a request before it looks at it. */
export type Interception = { readonly status: number; readonly body?: unknown } | 'drop' | undefined;

/** The answer to a runtime that asks for a session which another one works on. */
class LeaseLost {
  readonly details: { readonly machineName: string; readonly since: string };

  constructor(details: LeaseLost['details']) {
    this.details = details;
  }
}

/** An artifact that was stored. */
export interface StoredArtifact {
  readonly facts: Record<string, unknown>;
  readonly content: Buffer;
}

/**
 * The services behind the runtime in one process: sessions with really signed bundles, workspace artifacts, approvals
 * and audit events, as far as the runtime calls them.
 */
export class ServicesDouble {
  readonly accessToken = 'access-token-of-alice';
  readonly calls: {
    readonly method: string;
    readonly path: string;
    readonly body: unknown;
    readonly idempotencyKey?: string;
  }[] = [];
  readonly sessions = new Map<
    string,
    { workspaceId: string; params: CreateSessionParams; status: string; title?: string; lease?: SessionHolder }
  >();
  readonly tasks = new Map<string, Record<string, unknown>>();
  readonly artifacts = new Map<string, StoredArtifact>();
  readonly approvals = new Map<string, Record<string, unknown>>();
  readonly events = new Map<string, EventEnvelope>();
  /** Every token is good: whoever calls has them from a provider of its own. */
  anyToken = false;
  /** Changes to the bundle before it is signed. */
  bundle: Partial<PolicyBundle> = {};
  /** Changes to the signed document itself. */
  tamper: (jws: string) => string = (jws) => jws;
  intercept: (method: string, path: string) => Interception = () => undefined;
  /** After a request was served and stored: the answer is lost, or the request arrives a second time. */
  afterwards: (method: string, path: string) => 'drop' | 'repeat' | undefined = () => undefined;
  /** Idempotency keys that came with another body than before. */
  readonly conflicts: string[] = [];
  readonly #answers = new Map<string, { readonly content: string; readonly answer: Promise<unknown> }>();
  #keys: Keys;
  #foreignKeys: Keys;
  #server: Server;
  #workspaces = new Map<string, string>();

  private constructor(keys: Keys, foreignKeys: Keys) {
    this.#keys = keys;
    this.#foreignKeys = foreignKeys;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<ServicesDouble> {
    const options = { extractable: true };
    const double = new ServicesDouble(await generateKeyPair('EdDSA', options), await generateKeyPair('EdDSA', options));
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** The environment that points a runtime at this double. */
  get env(): Record<string, string> {
    const { base } = this;
    return {
      SESSION_SERVICE_URL: base,
      WORKSPACE_SERVICE_URL: base,
      APPROVAL_SERVICE_URL: base,
      AUDIT_SERVICE_URL: base,
      TELEMETRY_SERVICE_URL: base,
      POLICY_JWKS_URL: `${base}/.well-known/jwks.json`,
    };
  }

  /** Puts the history of an earlier session into a workspace. */
  keepHistory(workspaceId: string, history: SessionHistory): void {
    const artifactId = newId('art');
    this.artifacts.set(artifactId, {
      facts: { artifactId, workspaceId, sessionId: history.sessionId, artifactType: 'session_history' },
      content: Buffer.from(JSON.stringify(history)),
    });
  }

  /** The newest saved history of a session. */
  historyOf(sessionId: string): SessionHistory | undefined {
    const found = [...this.artifacts.values()].findLast(
      ({ facts, content }) =>
        facts['sessionId'] === sessionId && facts['artifactType'] === 'session_history' && content.length > 0,
    );
    return found === undefined ? undefined : (JSON.parse(found.content.toString('utf8')) as SessionHistory);
  }

  /** A bundle for a session, signed by the right key or a foreign one. */
  async sign(sessionId: string, signer: 'right' | 'foreign' = 'right'): Promise<string> {
    const policy = starterPolicies['Careful developer']!;
    const { name, description: _description, ...content } = policy;
    const now = Date.now();
    const bundle: PolicyBundle = {
      policyBundleVersion: 1,
      schemaVersion: 1,
      tenantId: 'acme',
      userId: 'alice',
      sessionId,
      issuedAt: new Date(now).toISOString(),
      expiresAt: new Date(now + 3_600_000).toISOString(),
      policyName: name,
      killSwitch: false,
      ...content,
      ...this.bundle,
    };
    const { privateKey } = signer === 'right' ? this.#keys : this.#foreignKeys;
    const jws = await new CompactSign(Buffer.from(JSON.stringify(bundle)))
      .setProtectedHeader({ alg: 'EdDSA', kid: 'test-key' })
      .sign(privateKey);
    return this.tamper(jws);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Dies in the middle of whatever it does and comes back at the same address with what it had stored. */
  async crash(): Promise<void> {
    const { port } = this.#server.address() as AddressInfo;
    await this.stop();
    this.#server = createServer((request, response) => void this.#serve(request, response));
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  /** Forgets everything but its keys, for the next run. */
  reset(): void {
    for (const store of [this.sessions, this.tasks, this.artifacts, this.approvals, this.events]) store.clear();
    for (const list of [this.calls, this.conflicts]) list.length = 0;
    this.#workspaces.clear();
    this.#answers.clear();
    this.intercept = () => undefined;
    this.afterwards = () => undefined;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const content = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', 'http://services');
    const path = url.pathname.replace(/^\/v1/, '');
    const isJson = request.headers['content-type']?.includes('json') === true;
    const body: unknown = content.length > 0 && isJson ? JSON.parse(content.toString('utf8')) : undefined;
    const key = request.headers['idempotency-key'];
    if (path !== '/healthz')
      this.calls.push({
        method: request.method ?? '',
        path,
        body,
        ...(typeof key === 'string' ? { idempotencyKey: key } : {}),
      });
    const interception = this.intercept(request.method ?? '', path);
    if (interception === 'drop') return void request.socket.destroy();
    const send = (status: number, value: unknown): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (interception !== undefined) return send(interception.status, interception.body ?? {});
    if (path === '/healthz') return send(200, { status: 'ok' });
    if (path === '/.well-known/jwks.json') {
      return send(200, { keys: [{ ...(await exportJWK(this.#keys.publicKey)), kid: 'test-key', alg: 'EdDSA' }] });
    }
    if (!this.anyToken && request.headers.authorization !== `Bearer ${this.accessToken}`) {
      return send(401, {
        code: 'UNAUTHORIZED',
        message: 'The access token is not accepted.',
        retryable: false,
        details: {},
      });
    }
    if (path === '/revocations') return this.#stream(response);
    const serve = (): Promise<unknown> =>
      this.#once(typeof key === 'string' ? `${key} ${path}` : undefined, content, () =>
        this.#route(request.method ?? '', path, url.searchParams, body, content),
      );
    const answer = await serve();
    const afterwards = this.afterwards(request.method ?? '', path);
    if (afterwards === 'repeat') await serve();
    if (afterwards === 'drop') return void request.socket.destroy();
    if (Buffer.isBuffer(answer))
      return void response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(answer);
    if (answer instanceof LeaseLost) {
      const message = `This conversation is open on ${answer.details.machineName}.`;
      return send(409, { code: 'LEASE_LOST', message, retryable: false, details: answer.details });
    }
    if (answer === undefined)
      return send(404, {
        code: 'SESSION_NOT_FOUND',
        message: `There is nothing at ${path}.`,
        retryable: false,
        details: {},
      });
    send(200, answer);
  }

  /** An open stream in which nothing happens unless a test writes to it. */
  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n');
  }

  /** A request with a known key has had its effect; it gets the same answer. */
  #once(key: string | undefined, content: Buffer, serve: () => Promise<unknown>): Promise<unknown> {
    if (key === undefined) return serve();
    const known = this.#answers.get(key);
    if (known !== undefined) {
      if (known.content !== content.toString('latin1')) this.conflicts.push(key);
      return known.answer;
    }
    const answer = serve();
    this.#answers.set(key, { content: content.toString('latin1'), answer });
    return answer;
  }

  async #route(method: string, path: string, query: URLSearchParams, body: unknown, content: Buffer): Promise<unknown> {
    const fields = (body ?? {}) as Record<string, unknown>;
    const [, root, id, leaf, leafId, tail] = path.split('/');
    if (root === 'sessions' && id === undefined) return this.#createSession(body as CreateSessionParams);
    if (root === 'sessions') return this.#session(method, id ?? '', leaf, fields);
    if (root === 'workspaces' && leaf === 'artifacts')
      return this.#artifact(method, id ?? '', leafId, tail, query, fields, content);
    if (root === 'approvals' && method === 'POST') {
      const status = ((fields['decision'] as { decision?: string } | undefined)?.decision ?? 'pending') as unknown;
      const known = this.approvals.get(String(fields['approvalId']));
      this.approvals.set(String(fields['approvalId']), {
        ...fields,
        status,
        ...known,
        ...(fields['decision'] === undefined ? {} : { status, decision: fields['decision'] }),
      });
      return this.approvals.get(String(fields['approvalId']));
    }
    if (root === 'approvals') return this.approvals.get(id ?? '');
    if (path === '/telemetry/events') return { accepted: (fields['events'] as unknown[]).length, dropped: 0 };
    if (path === '/audit/events') {
      for (const event of fields['events'] as EventEnvelope[]) this.events.set(event.eventId, event);
      return { items: [] };
    }
    return undefined;
  }

  async #createSession(params: CreateSessionParams): Promise<unknown> {
    const sessionId = newId('sess');
    const path = params.workspaceHint?.localPaths?.[0];
    const earlier =
      params.continueFromSessionId === undefined
        ? undefined
        : this.sessions.get(params.continueFromSessionId)?.workspaceId;
    const workspaceId = earlier ?? (path === undefined ? undefined : this.#workspaces.get(path)) ?? newId('ws');
    if (path !== undefined) this.#workspaces.set(path, workspaceId);
    const { holder } = params;
    this.sessions.set(sessionId, {
      workspaceId,
      params,
      status: 'SESSION_CREATED',
      ...(holder === undefined ? {} : { lease: holder }),
    });
    return this.#handshake(sessionId);
  }

  async #session(
    method: string,
    sessionId: string,
    leaf: string | undefined,
    fields: Record<string, unknown>,
  ): Promise<unknown> {
    const session = this.sessions.get(sessionId);
    if (session === undefined) return undefined;
    const holder = fields['holder'] as SessionHolder | undefined;
    if (holder !== undefined) {
      const { lease } = session;
      const isMine = lease?.instanceId === holder.instanceId || lease?.instanceId === holder.replaces;
      if (lease !== undefined && !isMine) {
        const { machineName } = lease;
        return new LeaseLost({ machineName, since: '2026-11-21T06:00:00.000Z' });
      }
      if (holder.released === true) delete session.lease;
      else session.lease = holder;
    }
    if (leaf === 'resume') return this.#handshake(sessionId);
    if (leaf === 'tasks') {
      this.tasks.set(String(fields['taskId']), fields);
      return fields;
    }
    if (leaf === 'complete') session.status = 'SESSION_COMPLETED';
    if (method === 'PATCH' && holder === undefined) Object.assign(session, fields);
    return { sessionId, ...session };
  }

  async #handshake(sessionId: string): Promise<unknown> {
    const { workspaceId } = this.sessions.get(sessionId)!;
    return {
      sessionId,
      workspaceId,
      compatibilityStatus: 'compatible',
      incompatibilities: [],
      policyBundle: await this.sign(sessionId),
      featureFlags: { approvalUiEnabled: true, mcpEnabled: true, contextSummaries: false },
    };
  }

  #artifact(
    method: string,
    workspaceId: string,
    artifactId: string | undefined,
    tail: string | undefined,
    query: URLSearchParams,
    fields: Record<string, unknown>,
    content: Buffer,
  ): unknown {
    if (artifactId === undefined && method === 'POST') {
      const { content: inline, contentEncoding, ...facts } = fields;
      const bytes =
        typeof inline === 'string'
          ? Buffer.from(inline, contentEncoding === 'base64' ? 'base64' : 'utf8')
          : Buffer.alloc(0);
      this.artifacts.set(String(fields['artifactId']), { facts: { ...facts, workspaceId }, content: bytes });
      return facts;
    }
    if (artifactId === undefined) {
      const found = [...this.artifacts.values()].filter(
        ({ facts }) =>
          facts['workspaceId'] === workspaceId &&
          facts['sessionId'] === query.get('sessionId') &&
          facts['artifactType'] === query.get('artifactType'),
      );
      return { items: found.map(({ facts }) => facts).reverse() };
    }
    const artifact = this.artifacts.get(artifactId);
    if (artifact === undefined || tail !== 'content') return artifact?.facts;
    if (method === 'PUT') this.artifacts.set(artifactId, { ...artifact, content });
    return method === 'PUT' ? artifact.facts : artifact.content;
  }
}
