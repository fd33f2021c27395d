import { starterPolicies } from '@steward/policy-engine';
import { newId } from '@steward/sdk';
import { send } from './http.ts';
import { tenants } from './principals.ts';
import type { Tenant } from './principals.ts';
import type { ServiceName, World } from './world.ts';

/** The word that is in every field of a tenant's data that takes text, and in nothing else. */
export function canaryOf(tenant: string): string {
  return `canary${tenant}9f3ad1`;
}

/** The ids of what a tenant's `owner` and `admin` have made, by the names that paths and queries give them. */
export type SeededIds = Readonly<Record<string, string>>;

/** More policy versions than other tenants have, so that a number of acme's stands for nothing elsewhere. */
const extraDrafts = 40;

/** Makes one of everything in every tenant through the services' own doors. */
export async function seed(world: World): Promise<Readonly<Record<Tenant, SeededIds>>> {
  const seeded: Partial<Record<Tenant, SeededIds>> = {};
  for (const tenant of tenants) seeded[tenant] = await seedTenant(world, tenant);
  return seeded as Record<Tenant, SeededIds>;
}

/** Makes one of everything in a tenant, whichever name it has. */
export async function seedTenant(world: World, tenant: string): Promise<SeededIds> {
  const canary = canaryOf(tenant);
  const tokens = {
    owner: await world.issuer.mint({ tenantId: tenant, sub: 'owner', roles: ['user'] }),
    admin: await world.issuer.mint({ tenantId: tenant, sub: 'admin', roles: ['admin', 'operator'] }),
  };
  const post = async (service: ServiceName, path: string, body: object, by: keyof typeof tokens = 'owner') => {
    const answer = await send({
      port: world.ports[service],
      method: path.startsWith('PATCH ') ? 'PATCH' : path.startsWith('PUT ') ? 'PUT' : 'POST',
      path: `/v1${path.replace(/^\w+ /, '')}`,
      headers: { authorization: `Bearer ${tokens[by]}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.status >= 300) throw new Error(`${service} ${path}: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body) as Record<string, string>;
  };
  const clientInfo = { desktopAppVersion: '0.1.0', localAgentHostVersion: '0.1.0', osFamily: 'Linux' };
  const handshake = { executionEnvironment: 'desktop', clientInfo, supportedCapabilities: [] };
  const { sessionId = '', workspaceId: sessionWorkspaceId = '' } = await post('session', '/sessions', handshake);
  await post('session', `PATCH /sessions/${sessionId}`, { title: canary });
  const taskId = newId('task');
  await post('session', `/sessions/${sessionId}/tasks`, { taskId, status: 'TASK_RUNNING' });
  const { workspaceId = '' } = await post('workspace', '/workspaces', {
    workspaceScope: 'local',
    localPath: `/home/${canary}`,
  });
  const artifact = { sessionId, name: canary, title: canary, contentType: 'text/plain', content: canary };
  const { artifactId = '' } = await post('workspace', `/workspaces/${workspaceId}/artifacts`, {
    ...artifact,
    artifactType: 'session_history',
    snapshotAfterTaskId: taskId,
  });
  const approvalId = newId('appr');
  await post('approval', '/approvals', approvalBody({ approvalId, sessionId, taskId, text: canary }));
  const eventId = newId('evt');
  await post('audit', '/audit/events', {
    events: [eventBody({ eventId, sessionId, workspaceId, tenant, text: canary })],
  });
  const incident = { title: canary, description: canary, severity: 'info' };
  const { incidentId = '' } = await post('audit', '/incidents', incident);
  const content = { ...starterPolicies['Careful developer']!, name: canary, description: canary };
  const { version = '' } = await post('policy', '/policies', { content }, 'admin');
  const count = tenant === 'acme' ? extraDrafts : 0;
  for (let n = 0; n < count; n += 1) await post('policy', '/policies', { content }, 'admin');
  await post('policy', 'PUT /kill-switch', { active: false, reason: canary }, 'admin');
  await post('policy', '/revocations', { kind: 'session_revoked', sessionId: newId('sess'), reason: canary }, 'admin');
  const span = { from: '2026-02-21T00:00:00.000Z', to: '2026-02-22T00:00:00.000Z', content };
  const { simulationId = '' } = await post('policy', '/policy/simulate', span, 'admin');
  const lastVersion = tenant === 'acme' ? Number(version) + count : 999_999;
  return {
    sessionId,
    sessionWorkspaceId,
    taskId,
    workspaceId,
    artifactId,
    approvalId,
    eventId,
    incidentId,
    simulationId,
    version: String(version),
    lastVersion: String(lastVersion),
    toolName: 'time.now',
  };
}

/** An approval's request with the text wherever it takes one. */
export function approvalBody(given: { approvalId: string; sessionId: string; taskId: string; text: string }): object {
  const { text, ...ids } = given;
  return {
    ...ids,
    stepId: newId('step'),
    title: text,
    actionSummary: text,
    riskLevel: 'low',
    reasonCodes: [],
    details: { text },
    actionDigest: actionDigest,
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  };
}

/** What every approval of the matrix is about. */
export const actionDigest = `sha256:${'0'.repeat(64)}`;

/** An event with the text in its payload. */
export function eventBody(given: {
  eventId: string;
  sessionId: string;
  workspaceId: string;
  tenant: string;
  text: string;
}): object {
  const { text, tenant, ...ids } = given;
  return {
    ...ids,
    eventType: 'tool_completed',
    timestamp: new Date().toISOString(),
    tenantId: tenant,
    userId: 'owner',
    component: 'LocalAgentHost',
    boundedContext: 'AgentExecution',
    severity: 'info',
    payload: { text },
  };
}
