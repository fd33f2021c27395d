import { systemClock } from '@steward/sdk';
import {
  DynamoIdempotencyStore,
  MemoryIdempotencyStore,
  createProtection,
  createDynamoClient,
  createServiceTokenSource,
  runService,
} from '@steward/service-kit';
import { createApp } from './app.ts';
import { supportedVersions } from './compatibility/supported-versions.ts';
import { readConfig } from './config.ts';
import { createFeatureFlags } from './feature-flags.ts';
import { createBundleIssuer, createWorkspaceResolver } from './sessions/backends.ts';
import { DynamoSessionRepository } from './sessions/repository.dynamo.ts';
import { MemorySessionRepository } from './sessions/repository.memory.ts';
import { DynamoTaskRepository } from './tasks/repository.dynamo.ts';
import { MemoryTaskRepository } from './tasks/repository.memory.ts';

const config = readConfig(process.env);

function stores() {
  if (config.store === 'memory') {
    return {
      sessions: new MemorySessionRepository(),
      tasks: new MemoryTaskRepository(),
      idempotency: new MemoryIdempotencyStore(),
      dynamo: undefined,
      close: () => undefined,
    };
  }
  const client = createDynamoClient();
  const deps = { client, env: config.env };
  return {
    sessions: new DynamoSessionRepository(deps),
    tasks: new DynamoTaskRepository(deps),
    idempotency: new DynamoIdempotencyStore(deps),
    dynamo: deps,
    close: () => client.destroy(),
  };
}

const tokenFor = (target: string) =>
  createServiceTokenSource({
    issuer: config.oidc.issuer,
    clientId: config.client.id,
    clientSecret: config.client.secret,
    target,
  });
const workspaceToken = tokenFor('workspace');
const policyToken = tokenFor('policy');
const { close, dynamo, ...repositories } = stores();

const service = createApp({
  ...repositories,
  workspaces: createWorkspaceResolver({ baseUrl: config.workspaceServiceUrl, getToken: workspaceToken }),
  bundles: createBundleIssuer({ baseUrl: config.policyServiceUrl, getToken: policyToken }),
  supported: supportedVersions,
  featureFlags: createFeatureFlags(config),
  clock: systemClock,
  ...createProtection(config, dynamo),
});

await runService(service, config, [close]);
// The first handshake finds the tokens in the cache; where that fails now, it asks again itself.
void Promise.allSettled([workspaceToken(), policyToken()]);
