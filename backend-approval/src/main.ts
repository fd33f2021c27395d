import {
  DynamoIdempotencyStore,
  createProtection,
  createDynamoClient,
  createDynamoReadiness,
  createSigningKeys,
  loadOrCreateSigningKeys,
  runMain,
  runService,
} from '@steward/service-kit';
import { createApp } from './app.ts';
import { MemoryApprovalRepository } from './approvals/repository.memory.ts';
import { DynamoApprovalRepository } from './approvals/repository.dynamo.ts';
import { readConfig } from './config.ts';

await runMain('approval', async () => {
  const config = readConfig(process.env);
  const { service } = config;
  const keys =
    config.receiptKeysFile === undefined
      ? await createSigningKeys()
      : await loadOrCreateSigningKeys(config.receiptKeysFile);
  if (service.store === 'memory') {
    const protection = createProtection(service, undefined);
    return runService(createApp({ repository: new MemoryApprovalRepository(), keys, ...protection }), service);
  }
  const dynamo = { client: createDynamoClient(), env: service.env };
  const app = createApp({
    repository: new DynamoApprovalRepository(dynamo),
    idempotency: new DynamoIdempotencyStore(dynamo),
    readiness: createDynamoReadiness(dynamo, ['approvals', 'idempotency']),
    keys,
    ...createProtection(service, dynamo),
  });
  return runService(app, service, [() => dynamo.client.destroy()]);
});
