import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { starterPolicies } from '@steward/policy-engine';
import { StewardError, newId, systemClock } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import { createSigningKeys } from '@steward/service-kit';
import type { OpenApiDocument } from '@steward/service-kit';
import { silentLogger } from '@steward/service-kit/test-support';
import * as documents from '@steward/contracts/openapi';
import type { ServiceModules } from './modules.ts';
import type { Stores } from './stores.ts';
import { createMatrixIssuer } from './tokens.ts';
import type { MatrixIssuer } from './tokens.ts';

/** The services of the product. */
export const serviceNames = ['session', 'policy', 'workspace', 'approval', 'audit', 'telemetry', 'tools'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** All services in this process, each on a loopback port of its own. */
export interface World {
  readonly issuer: MatrixIssuer;
  readonly ports: Readonly<Record<ServiceName, number>>;
  close(): Promise<void>;
}

/** Each service's description. */
export const openApis: Readonly<Record<ServiceName, OpenApiDocument>> = {
  session: documents.sessionOpenApi,
  policy: documents.policyOpenApi,
  workspace: documents.workspaceOpenApi,
  approval: documents.approvalOpenApi,
  audit: documents.auditOpenApi,
  telemetry: documents.telemetryOpenApi,
  tools: documents.toolsOpenApi,
};

/** Builds every service from its own `createApp` over the given stores and listens. */
export async function createWorld(modules: ServiceModules, stores: Stores, clock: Clock = systemClock): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'steward-matrix-'));
  const issuer = await createMatrixIssuer();
  const base = { authenticate: issuer.authenticate, logger: silentLogger, clock };
  const shared = { ...base, idempotency: stores.idempotency };
  const policy = modules.policy({
    ...shared,
    policies: stores.policies,
    initialPolicy: starterPolicies['Careful developer']!,
    keys: await modules.openKeyRing(join(folder, 'keys.json')),
    sessions: { find: (caller, sessionId) => findSession(stores, caller, sessionId) },
    bundleLifetimeSeconds: 3600,
    replayRecorded: modules.replayInline({ read: async function* () {} }),
    after: () => () => undefined,
  });
  const services = {
    session: modules.session({
      ...shared,
      sessions: stores.sessions,
      tasks: stores.tasks,
      workspaces: { resolve: async () => ({ workspaceId: newId('ws') }), release: async () => undefined },
      bundles: {
        issue: async () => ({ policyBundle: 'a.b.c', policyBundleVersion: 1, expiresAt: '2100-01-01T00:00:00.000Z' }),
      },
      supported: modules.supportedVersions,
      featureFlags: { approvalUiEnabled: true, mcpEnabled: true, contextSummaries: false },
    }),
    policy,
    workspace: modules.workspace({
      ...shared,
      workspaces: stores.workspaces,
      artifacts: stores.artifacts,
      content: stores.content,
    }).service,
    approval: modules.approval({ ...shared, repository: stores.approvals, keys: await createSigningKeys() }),
    audit: modules.audit({
      ...shared,
      events: stores.events,
      incidents: stores.incidents,
      packs: stores.packs,
      pollMs: 20,
    }),
    telemetry: modules.telemetry(base),
    tools: modules.tools({ ...base, checkGrant: async () => undefined }),
  };
  const servers = new Map<ServiceName, Server>();
  for (const name of serviceNames) servers.set(name, await listen(services[name].app));
  const ports = Object.fromEntries(
    [...servers].map(([name, server]) => [name, (server.address() as AddressInfo).port]),
  );
  const close = async (): Promise<void> => {
    for (const { lifecycle } of Object.values(services)) lifecycle.beginDraining();
    await policy.stopBackground();
    for (const server of servers.values()) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await rm(folder, { recursive: true, force: true });
  };
  return { issuer, ports: ports as Record<ServiceName, number>, close };
}

async function findSession(stores: Stores, caller: { tenantId: string; userId: string }, sessionId: string) {
  const scope = stores.scopeOf(caller.tenantId);
  const session = await stores.sessions.get(scope, { userId: caller.userId }, sessionId);
  if (session !== undefined) return { userId: session.userId };
  throw new StewardError('SESSION_NOT_FOUND', `There is no session ${sessionId}.`);
}

async function listen(app: RequestListener): Promise<Server> {
  const server = createServer(app);
  // A connection that waits for its turn stays usable for the whole run.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
