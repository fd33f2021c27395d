import type { Answer, Call } from './https.ts';
import type { Tokens } from './stack.ts';

/** Path parameters of things that were made for one operation each, and that nothing else has touched. */
export type Prepared = Readonly<Record<string, readonly Readonly<Record<string, string | number>>[]>>;

/** What {@link prepare} needs. */
export interface PrepareDeps {
  readonly call: (call: Call) => Promise<Answer>;
  /** Service → base address, ends in `/v1`. */
  readonly services: Readonly<Record<string, string>>;
  readonly tokens: Tokens;
  /** Things per operation. */
  readonly count: number;
  /** Told the id of everything that was made, also on the way. */
  readonly onMade: (id: string) => void;
}

const ID = /\b[a-z]+_[0-9A-HJKMNP-TV-Z]{26}\b/g;

const CLIENT = { desktopAppVersion: '0.1.0', localAgentHostVersion: '0.1.0', osFamily: 'Linux' };

/**
 * Makes things for operations that only succeed once on each: a session that has not ended, an artifact that waits for
 * its content, a draft. A run can't count on its own flows for them, since other random requests end what a flow made.
 */
export async function prepare(service: string, deps: PrepareDeps): Promise<Prepared> {
  const make = MAKERS[service] ?? {};
  const prepared: Record<string, Readonly<Record<string, string | number>>[]> = {};
  for (const [operation, maker] of Object.entries(make)) {
    prepared[operation] = [];
    for (let at = 0; at < deps.count; at += 1) prepared[operation].push(await maker(deps));
  }
  return prepared;
}

type Maker = (deps: PrepareDeps) => Promise<Readonly<Record<string, string | number>>>;

const makeSession: Maker = async (deps) => {
  const body = { executionEnvironment: 'desktop', clientInfo: CLIENT, supportedCapabilities: [] };
  const { sessionId } = await post(deps, 'session', '/sessions', 'bob', body);
  return { sessionId: String(sessionId) };
};

const makePendingArtifact: Maker = async (deps) => {
  const { workspaceId } = await post(deps, 'workspace', '/workspaces', 'bob', { workspaceScope: 'general' });
  const { artifactId } = await post(deps, 'workspace', `/workspaces/${String(workspaceId)}/artifacts`, 'bob', {
    sessionId: 'sess_00000000000000000000000000',
    artifactType: 'file',
    name: 'upload.bin',
    contentType: 'application/octet-stream',
  });
  return { workspaceId: String(workspaceId), artifactId: String(artifactId) };
};

const makeDraft: Maker = async (deps) => {
  const { version } = await post(deps, 'policy', '/policies', 'carol', {});
  return { version: Number(version) };
};

const MAKERS: Readonly<Record<string, Readonly<Record<string, Maker>>>> = {
  session: { resumeSession: makeSession, cancelSession: makeSession, completeSession: makeSession },
  workspace: { putArtifactContent: makePendingArtifact },
  policy: { publishPolicy: makeDraft },
};

async function post(
  { call, services, tokens, onMade }: PrepareDeps,
  service: string,
  path: string,
  person: string,
  body: object,
): Promise<Record<string, unknown>> {
  const token = tokens[person];
  const url = `${services[service] ?? ''}${path}`;
  const { status, text } = await call({ method: 'POST', url, body, ...(token === undefined ? {} : { token }) });
  if (status !== 201) throw new Error(`POST ${path} was answered ${status}: ${text.slice(0, 300)}`);
  for (const id of text.match(ID) ?? []) onMade(id);
  return JSON.parse(text) as Record<string, unknown>;
}
