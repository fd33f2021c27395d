import { preloadCommandParser, starterPolicies } from '@steward/policy-engine';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { systemClock } from '@steward/sdk';
import {
  DynamoIdempotencyStore,
  DynamoJobStore,
  MemoryIdempotencyStore,
  MemoryJobStore,
  createProtection,
  createDynamoClient,
  createLogger,
  createServiceTokenSource,
  runEvery,
  runService,
} from '@steward/service-kit';
import { createApp } from './app.ts';
import { createAuditSender } from './changes/audit-outbox.ts';
import { OutboxAge, outboxLookSeconds } from './changes/outbox-age.ts';
import { readConfig } from './config.ts';
import { createSessionLookup } from './decisions/session-lookup.ts';

import { KeyRing } from './keys/key-ring.ts';
import { DynamoPolicyRepository } from './policies/repository.dynamo.ts';
import { MemoryPolicyRepository } from './policies/repository.memory.ts';
import { createAuditSource } from './simulations/action-source.ts';
import { replayInline } from './simulations/replay-recorded.ts';
import { replayInThreads } from './simulations/replay-threads.ts';

const config = readConfig(process.env);

function stores() {
  if (config.store === 'memory') {
    return {
      policies: new MemoryPolicyRepository(),
      idempotency: new MemoryIdempotencyStore(),
      jobs: new MemoryJobStore(),
      dynamo: undefined,
      close: () => undefined,
    };
  }
  const client = createDynamoClient();
  const deps = { client, env: config.env };
  return {
    policies: new DynamoPolicyRepository(deps),
    idempotency: new DynamoIdempotencyStore(deps),
    jobs: new DynamoJobStore(deps),
    dynamo: deps,
    close: () => client.destroy(),
  };
}

const initialPolicy = starterPolicies['Careful developer'];
if (initialPolicy === undefined) throw new Error('The starter policy "Careful developer" is missing.');
await preloadCommandParser();
const { close, dynamo, jobs, ...repositories } = stores();

const tokenFor = (target: string) =>
  createServiceTokenSource({
    issuer: config.oidc.issuer,
    clientId: config.client.id,
    clientSecret: config.client.secret,
    target,
  });
const logger = createLogger('policy');
const { auditServiceUrl } = config;
const auditBaseUrl = auditServiceUrl ?? 'https://audit.invalid/v1';
// Beside the bundle of the service; run from sources there is none, and simulations run in slices instead.
const program = new URL('./policy-replay-worker.js', import.meta.url);

/** Threads that decide for one simulation; more would wait for what the Audit Service reads. */
const mostDeciding = 4;

const service = createApp({
  logger,
  ...repositories,
  initialPolicy,
  keys: await KeyRing.open(config.keysFile, systemClock),
  sessions: createSessionLookup({
    baseUrl: config.sessionServiceUrl,
    getToken: tokenFor('session'),
  }),
  bundleLifetimeSeconds: config.bundleLifetimeSeconds,
  clock: systemClock,
  replayRecorded: existsSync(program)
    ? replayInThreads({ program, auditBaseUrl, deciding: Math.min(availableParallelism(), mostDeciding) })
    : replayInline(createAuditSource({ baseUrl: auditBaseUrl })),
  after: (ms, action) => {
    const timer = setTimeout(action, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  ...(auditServiceUrl === undefined
    ? {}
    : { sendAuditEvent: createAuditSender({ baseUrl: auditServiceUrl, getToken: tokenFor('audit') }) }),
  ...createProtection(config, dynamo),
});

const outboxAge = new OutboxAge({ policies: repositories.policies, jobs, clock: systemClock, logger });
const stopLooking = runEvery(outboxLookSeconds, async () => {
  try {
    await outboxAge.run();
  } catch (error) {
    logger.error({ err: error }, 'the age of waiting changes is not known and is looked up again later');
  }
});

service.startBackground();
await runService(service, config, [stopLooking, () => service.stopBackground(), close]);
