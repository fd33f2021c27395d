import {
  DynamoIdempotencyStore,
  MemoryIdempotencyStore,
  createProtection,
  createDynamoClient,
  readServiceConfig,
  runService,
} from '@steward/service-kit';
import { createApp } from './app.ts';
import { DynamoEventRepository } from './events/repository.dynamo.ts';
import { MemoryEventRepository } from './events/repository.memory.ts';
import { DynamoIncidentRepository } from './incidents/repository.dynamo.ts';
import { MemoryIncidentRepository } from './incidents/repository.memory.ts';

const config = readServiceConfig(process.env);

function stores() {
  if (config.store === 'memory') {
    return {
      events: new MemoryEventRepository(),
      incidents: new MemoryIncidentRepository(),
      idempotency: new MemoryIdempotencyStore(),
      dynamo: undefined,
      close: () => undefined,
    };
  }
  const client = createDynamoClient();
  const deps = { client, env: config.env };
  return {
    events: new DynamoEventRepository(deps),
    incidents: new DynamoIncidentRepository(deps),
    idempotency: new DynamoIdempotencyStore(deps),
    dynamo: deps,
    close: () => client.destroy(),
  };
}

const { close, dynamo, ...repositories } = stores();
const service = createApp({ ...repositories, ...createProtection(config, dynamo) });
await runService(service, config, [close]);
