import { systemClock } from '@steward/sdk';
import {
  DynamoIdempotencyStore,
  DynamoJobStore,
  MemoryIdempotencyStore,
  MemoryJobStore,
  createProtection,
  createDynamoClient,
  runEvery,
  runService,
} from '@steward/service-kit';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { DynamoEventRepository } from './events/repository.dynamo.ts';
import { MemoryEventRepository } from './events/repository.memory.ts';
import { DynamoIncidentRepository } from './incidents/repository.dynamo.ts';
import { MemoryIncidentRepository } from './incidents/repository.memory.ts';
import { DynamoPackRepository } from './packs/repository.dynamo.ts';
import { MemoryPackRepository } from './packs/repository.memory.ts';
import { ChainVerification } from './verification/chain-verification.ts';

const config = readConfig(process.env);

function stores() {
  if (config.store === 'memory') {
    return {
      events: new MemoryEventRepository(),
      packs: new MemoryPackRepository(),
      incidents: new MemoryIncidentRepository(),
      idempotency: new MemoryIdempotencyStore(),
      jobs: new MemoryJobStore(),
      dynamo: undefined,
      close: () => undefined,
    };
  }
  const client = createDynamoClient();
  const deps = { client, env: config.env };
  return {
    events: new DynamoEventRepository(deps),
    packs: new DynamoPackRepository(deps),
    incidents: new DynamoIncidentRepository(deps),
    idempotency: new DynamoIdempotencyStore(deps),
    jobs: new DynamoJobStore(deps),
    dynamo: deps,
    close: () => client.destroy(),
  };
}

const { close, dynamo, jobs, ...repositories } = stores();
const closers: (() => Promise<void> | void)[] = [close];
const service = createApp({ ...repositories, ...createProtection(config, dynamo) });

if (config.chainCheckSeconds > 0) {
  const { logger } = service;
  const verification = new ChainVerification({
    events: repositories.events,
    jobs,
    clock: systemClock,
    logger,
    intervalSeconds: config.chainCheckSeconds,
  });
  const stopChecking = runEvery(config.chainCheckSeconds, async () => {
    try {
      await verification.run();
    } catch (error) {
      logger.error({ err: error }, 'the check of chains did not end and is tried again later');
    }
  });
  // The pass in progress needs the stores, so it ends before they are closed.
  closers.unshift(() => {
    verification.stop();
    return stopChecking();
  });
}

await runService(service, config, closers);
