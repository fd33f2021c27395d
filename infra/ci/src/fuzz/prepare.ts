import { setTimeout } from 'node:timers/promises';
import { newId } from '@steward/sdk';
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

const POLL_MS = 50;
const CLIENT = { desktopAppVersion: '0.1.0', localAgentHostVersion: '0.1.0', osFamily: 'Linux' };

/**
 * Makes things for operations that need one: a session that has not ended, an artifact that waits for its content, a
 * draft, a simulation. A run can't count on its own flows for them: which flows there are depends on what the services
 * answered, and other random requests end what a flow made.
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

const makeTask: Maker = async (deps) => {
  const { sessionId = '' } = await makeSession(deps);
  const taskId = newId('task');
  await post(deps, 'session', `/sessions/${sessionId}/tasks`, 'bob', { taskId, status: 'TASK_QUEUED' });
  return { taskId };
};

const makeWorkspace: Maker = async (deps) => {
  const { workspaceId } = await post(deps, 'workspace', '/workspaces', 'bob', { workspaceScope: 'general' });
  return { workspaceId: String(workspaceId) };
};

const makeArtifact =
  (content: { readonly content?: string }): Maker =>
  async (deps) => {
    const { workspaceId = '' } = await makeWorkspace(deps);
    const { artifactId } = await post(deps, 'workspace', `/workspaces/${workspaceId}/artifacts`, 'bob', {
      sessionId: 'sess_00000000000000000000000000',
      artifactType: 'file',
      name: 'upload.bin',
      contentType: 'application/octet-stream',
      ...content,
    });
    return { workspaceId, artifactId: String(artifactId) };
  };

const makeIncident: Maker = async (deps) => {
  const { incidentId } = await post(deps, 'audit', '/incidents', 'erin', { title: 'To look at', severity: 'info' });
  return { incidentId: String(incidentId) };
};

const makeDraft: Maker = async (deps) => {
  const { version } = await post(deps, 'policy', '/policies', 'carol', {});
  return { version: Number(version) };
};

const makeSimulation: Maker = async (deps) => {
  const span = { from: '2026-02-01T00:00:00.000Z', to: '2026-03-01T00:00:00.000Z' };
  const { simulationId } = await post(deps, 'policy', '/policy/simulate', 'carol', span);
  await untilEnded(deps, String(simulationId));
  return { simulationId: String(simulationId) };
};

const makeArtifactWithContent = makeArtifact({ content: 'Some notes.' });

const MAKERS: Readonly<Record<string, Readonly<Record<string, Maker>>>> = {
  session: {
    getSession: makeSession,
    updateSession: makeSession,
    resumeSession: makeSession,
    cancelSession: makeSession,
    completeSession: makeSession,
    listTasks: makeSession,
    recordTask: makeSession,
    getTask: makeTask,
  },
  workspace: {
    getWorkspace: makeWorkspace,
    deleteWorkspace: makeWorkspace,
    listWorkspaceSessions: makeWorkspace,
    listArtifacts: makeWorkspace,
    createArtifact: makeWorkspace,
    getArtifact: makeArtifactWithContent,
    getArtifactContent: makeArtifactWithContent,
    putArtifactContent: makeArtifact({}),
  },
  audit: { getIncident: makeIncident, closeIncident: makeIncident },
  policy: {
    getPolicy: makeDraft,
    validatePolicy: makeDraft,
    publishPolicy: makeDraft,
    getSimulation: makeSimulation,
    cancelSimulation: makeSimulation,
  },
};

/** Few simulations of a tenant may run at once, so that the next one needs the end of this one. */
async function untilEnded({ call, services, tokens }: PrepareDeps, simulationId: string): Promise<void> {
  const url = `${services['policy'] ?? ''}/policy/simulations/${simulationId}`;
  const { carol: token = '' } = tokens;
  for (let status = 'running'; status === 'running' || status === 'queued';) {
    await setTimeout(POLL_MS);
    status = String(
      (JSON.parse((await call({ method: 'GET', url, token })).text) as Record<string, unknown>)['status'],
    );
  }
}

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
  if (status < 200 || status > 299) throw new Error(`POST ${path} was answered ${status}: ${text.slice(0, 300)}`);
  for (const id of text.match(ID) ?? []) onMade(id);
  return JSON.parse(text) as Record<string, unknown>;
}
