import { newId } from '@steward/sdk';
import type { ServiceName } from '../stand/stand.ts';
import type { Person } from '../stand/people.ts';
import type { FreshPlace } from './bare-plan.ts';

/** A request as it is sent. */
export interface Shot {
  readonly method: 'GET' | 'POST';
  /** Below `/v1`. */
  readonly path: string;
  readonly body?: Record<string, unknown>;
}

/** A route that carries most of a service's work. */
export interface HotRoute {
  readonly name: string;
  readonly service: ServiceName;
  /** Makes what the route needs for a person; resolves to a maker of requests. */
  prepare(send: (shot: Shot) => Promise<Record<string, unknown>>, person: Person): Promise<() => Shot>;
  /** Where the body holds what has to be new in every request. */
  readonly fresh?: FreshPlace;
  /** Rows get numbers of their own in the service; the bare handler writes the same ones again, without conditions. */
  readonly rewrites?: boolean;
  /** Why the ratio is told and not judged. */
  readonly notJudged?: string;
}

/** A request for approval as a runtime sends it. */
export function approvalRequest(): Record<string, unknown> {
  return {
    approvalId: newId('appr'),
    sessionId: newId('sess'),
    taskId: newId('task'),
    stepId: newId('step'),
    title: 'Run npm test',
    actionSummary: 'npm test in the project',
    riskLevel: 'medium',
    reasonCodes: ['capability_requires_approval'],
    details: { toolName: 'RunCommand', arguments: { command: 'npm test' } },
    actionDigest: `sha256:${'a'.repeat(64)}`,
    expiresAt: new Date(Date.now() + 300_000).toISOString(),
  };
}

/** An event as a runtime sends it. @param workspaceId whose stream it belongs to; the tenant's unless given */
export function auditEvent({ tenantId, sub }: Person, workspaceId?: string): Record<string, unknown> {
  return {
    ...(workspaceId === undefined ? {} : { workspaceId }),
    eventId: newId('evt'),
    eventType: 'tool_completed',
    timestamp: new Date().toISOString(),
    tenantId,
    userId: sub,
    component: 'LocalAgentHost',
    boundedContext: 'AgentExecution',
    severity: 'info',
    payload: { exitCode: 0 },
  };
}

/** A new conversation as the desktop begins it. */
export function handshake(): Record<string, unknown> {
  return {
    executionEnvironment: 'desktop',
    workspaceHint: { localPaths: ['/home/person/shop'] },
    clientInfo: { desktopAppVersion: '0.1.0', localAgentHostVersion: '0.1.0', osFamily: 'Linux' },
    supportedCapabilities: ['File.Read'],
  };
}

const withoutEngine = 'it makes no call of the engine';

/** Spans as the runtime exports them. */
export function trace(): Record<string, unknown> {
  const span = (index: number) => ({
    traceId: 'a'.repeat(32),
    spanId: String(index).padStart(16, '1'),
    name: 'tool.execute',
    kind: 1,
    startTimeUnixNano: '1760000000000000000',
    endTimeUnixNano: '1760000000100000000',
    attributes: [{ key: 'steward.tool', value: { stringValue: 'File.Read' } }],
  });
  const scopeSpans = [{ scope: { name: 'agent-host' }, spans: Array.from({ length: 10 }, (_, index) => span(index)) }];
  return { resourceSpans: [{ resource: { attributes: [] }, scopeSpans }] };
}

const get = (path: string) => (): Shot => ({ method: 'GET', path });

/**
 * The hot routes whose calls of the engine a bare handler can repeat. They are prepared in this order and measured from
 * the last to the first: what a route's requests add must not lie in the way of a list whose calls were noted before.
 */
export const hotRoutes: readonly HotRoute[] = [
  {
    name: 'session: read a session',
    service: 'session',
    prepare: async (send) =>
      get(`/sessions/${(await send({ method: 'POST', path: '/sessions', body: handshake() }))['sessionId']}`),
  },
  {
    name: 'session: list sessions',
    service: 'session',
    prepare: async (send) => {
      for (let count = 0; count < 5; count += 1) await send({ method: 'POST', path: '/sessions', body: handshake() });
      return get('/sessions?limit=5');
    },
  },
  {
    name: 'workspace: read a workspace',
    service: 'workspace',
    prepare: async (send) => {
      const made = await send({ method: 'POST', path: '/workspaces', body: { workspaceScope: 'general' } });
      return get(`/workspaces/${String(made['workspaceId'])}`);
    },
  },
  {
    name: 'workspace: list workspaces',
    service: 'workspace',
    prepare: async (send) => {
      for (let count = 0; count < 5; count += 1)
        await send({ method: 'POST', path: '/workspaces', body: { workspaceScope: 'general' } });
      return get('/workspaces?limit=5');
    },
  },
  {
    name: 'policy: read the kill switch',
    service: 'policy',
    prepare: async () => get('/kill-switch'),
  },
  {
    name: 'approval: read an approval',
    service: 'approval',
    prepare: async (send) => {
      const made = await send({ method: 'POST', path: '/approvals', body: approvalRequest() });
      return get(`/approvals/${String(made['approvalId'])}`);
    },
  },
  {
    name: 'approval: record a request',
    service: 'approval',
    fresh: ['approvalId'],
    prepare: async () => () => ({ method: 'POST', path: '/approvals', body: approvalRequest() }),
  },
  {
    name: 'audit: append an event',
    service: 'audit',
    fresh: ['events', 0, 'eventId'],
    rewrites: true,
    prepare: async (_send, person) => {
      const workspaceId = newId('ws');
      return () => ({ method: 'POST', path: '/audit/events', body: { events: [auditEvent(person, workspaceId)] } });
    },
  },
  {
    name: 'audit: list events',
    service: 'audit',
    prepare: async (send, person) => {
      const events = Array.from({ length: 12 }, () => auditEvent(person));
      await send({ method: 'POST', path: '/audit/events', body: { events } });
      return get('/events?limit=5');
    },
  },
  {
    name: 'telemetry: take a trace',
    service: 'telemetry',
    notJudged: withoutEngine,
    prepare: async () => () => ({ method: 'POST', path: '/telemetry/traces', body: trace() }),
  },
  {
    name: 'tools: list tools',
    service: 'tools',
    notJudged: withoutEngine,
    prepare: async () => get('/tools'),
  },
];
