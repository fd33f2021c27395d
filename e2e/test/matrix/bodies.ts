import { starterPolicies } from '@steward/policy-engine';
import { newId } from '@steward/sdk';
import type { SeededIds } from './seeds.ts';
import { actionDigest, approvalBody, eventBody } from './seeds.ts';

/** What a body is made of: the ids that the call is about, and the caller's tenant. */
export interface BodyInput {
  readonly ids: SeededIds;
  readonly tenant: string;
}

const otlpSpan = {
  traceId: '0'.repeat(31) + '1',
  spanId: '0'.repeat(15) + '1',
  name: 'matrix',
  kind: 1,
  startTimeUnixNano: '1',
  endTimeUnixNano: '2',
};
const otlpTraces = { resourceSpans: [{ scopeSpans: [{ spans: [otlpSpan] }] }] };
const content = starterPolicies['Read only']!;
const clientInfo = { desktopAppVersion: '0.1.0', localAgentHostVersion: '0.1.0', osFamily: 'Linux' };

/** A body that every operation accepts from somebody entitled; text is a body that is no JSON. */
export const bodies: Readonly<Record<string, (input: BodyInput) => object | string>> = {
  createSession: ({ ids }) => ({
    executionEnvironment: 'desktop',
    clientInfo,
    supportedCapabilities: [],
    continueFromSessionId: ids['sessionId'],
  }),
  updateSession: () => ({ title: 'matrix' }),
  resumeSession: () => ({}),
  recordTask: () => ({ taskId: newId('task'), status: 'TASK_RUNNING' }),
  createDraft: () => ({ content }),
  updateDraft: () => ({ content, revision: 1 }),
  validatePolicy: () => ({ content }),
  diffPolicy: ({ ids }) => ({ toVersion: Number(ids['version']) }),
  publishPolicy: () => ({ reason: 'matrix' }),
  rollbackPolicy: () => ({ reason: 'matrix' }),
  evaluate: ({ ids }) => ({
    sessionId: ids['sessionId'],
    action: { toolName: 'ReadFile', arguments: { path: 'a.txt' } },
  }),
  simulatePolicy: ({ ids }) => ({
    from: '2026-02-21T00:00:00.000Z',
    to: '2026-02-21T01:00:00.000Z',
    version: Number(ids['version']),
  }),
  revoke: () => ({ kind: 'session_revoked', sessionId: newId('sess'), reason: 'matrix' }),
  setKillSwitch: () => ({ active: false, reason: 'matrix' }),
  createWorkspace: () => ({ workspaceScope: 'general' }),
  createArtifact: ({ ids }) => ({
    sessionId: ids['sessionId'],
    artifactType: 'file',
    name: 'matrix',
    contentType: 'text/plain',
    content: 'matrix',
  }),
  putArtifactContent: () => 'matrix',
  createApproval: ({ ids }) =>
    approvalBody({
      approvalId: newId('appr'),
      sessionId: String(ids['sessionId']),
      taskId: String(ids['taskId']),
      text: 'matrix',
    }),
  decideApproval: () => ({ decision: 'denied', actionDigest }),
  appendEvents: ({ ids, tenant }) => ({
    events: [
      eventBody({
        eventId: newId('evt'),
        sessionId: String(ids['sessionId']),
        workspaceId: String(ids['workspaceId']),
        tenant,
        text: 'matrix',
      }),
    ],
  }),
  openIncident: () => ({ title: 'matrix', severity: 'info' }),
  closeIncident: () => ({ resolution: 'matrix' }),
  ingestTelemetryEvents: () => ({
    events: [{ name: 'matrix', timestamp: new Date().toISOString(), component: 'LocalAgentHost' }],
  }),
  ingestTraces: () => otlpTraces,
  otlpTraces: () => otlpTraces,
  otlpMetrics: () => ({ resourceMetrics: [] }),
  otlpLogs: () => ({ resourceLogs: [] }),
  invokeTool: () => ({ arguments: {} }),
};

/** Query parameters that name somebody's data; the others are left out. */
export const queries: Readonly<Record<string, (input: BodyInput) => Readonly<Record<string, string>>>> = {
  getPolicyBundle: ({ ids, tenant }) => ({
    tenantId: ids['tenantId'] ?? tenant,
    userId: 'owner',
    sessionId: String(ids['sessionId']),
  }),
  listSessions: ({ ids }) => ({ workspaceId: String(ids['sessionWorkspaceId']) }),
  listApprovals: ({ ids }) => ({ sessionId: String(ids['sessionId']) }),
  queryEvents: ({ ids }) => ({ session: String(ids['sessionId']) }),
  tallyDecisions: ({ ids }) => ({
    from_time: '2026-01-01T00:00:00.000Z',
    to_time: '2026-01-02T00:00:00.000Z',
    session: String(ids['sessionId']),
  }),
  listArtifacts: ({ ids }) => ({ sessionId: String(ids['sessionId']) }),
};
