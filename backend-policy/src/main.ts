import { preloadCommandParser, starterPolicies } from '@steward/policy-engine';
import { setTimeout as wait } from 'node:timers/promises';
import { newId, systemClock } from '@steward/sdk';
import {
  DynamoIdempotencyStore,
  MemoryIdempotencyStore,
  createAuthenticator,
  createDynamoClient,
  createLogger,
  createServiceTokenSource,
  loadOrCreateSigningKeys,
  runService,
} from '@steward/service-kit';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { createSessionLookup } from './decisions/session-lookup.ts';
import { ChangeReporter, createAuditSender } from './policies/change-reporter.ts';
import { DynamoPolicyRepository } from './policies/repository.dynamo.ts';
import { MemoryPolicyRepository } from './policies/repository.memory.ts';

const config = readConfig(process.env);

function stores() {
  if (config.store === 'memory') {
    return {
      policies: new MemoryPolicyRepository(),
      idempotency: new MemoryIdempotencyStore(),
      close: () => undefined,
    };
  }
  const client = createDynamoClient();
  const deps = { client, env: config.env };
  return {
    policies: new DynamoPolicyRepository(deps),
    idempotency: new DynamoIdempotencyStore(deps),
    close: () => client.destroy(),
  };
}

const initialPolicy = starterPolicies['Careful developer'];
if (initialPolicy === undefined) throw new Error('The starter policy "Careful developer" is missing.');
await preloadCommandParser();
const { close, ...repositories } = stores();

const tokenFor = (target: string) =>
  createServiceTokenSource({
    issuer: config.oidc.issuer,
    clientId: config.client.id,
    clientSecret: config.client.secret,
    target,
  });
const logger = createLogger('policy');
const { auditServiceUrl } = config;
const changes = new ChangeReporter({
  logger,
  newId,
  wait,
  ...(auditServiceUrl === undefined
    ? {}
    : { send: createAuditSender({ baseUrl: auditServiceUrl, getToken: tokenFor('audit') }) }),
});

const service = createApp({
  logger,
  reportChange: (change) => changes.report(change),
  ...repositories,
  initialPolicy,
  keys: await loadOrCreateSigningKeys(config.keysFile),
  sessions: createSessionLookup({
    baseUrl: config.sessionServiceUrl,
    getToken: tokenFor('session'),
  }),
  bundleLifetimeSeconds: config.bundleLifetimeSeconds,
  clock: systemClock,
  authenticate: createAuthenticator(config.oidc),
});

await runService(service, config, [() => changes.close(), close]);
