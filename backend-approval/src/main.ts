import {
  DynamoIdempotencyStore,
  createAuthenticator,
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
  const authenticate = createAuthenticator(service.oidc);
  if (service.store === 'memory') {
    return runService(createApp({ repository: new MemoryApprovalRepository(), keys, authenticate }), service);
  }
  const dynamo = { client: createDynamoClient(), env: service.env };
  const app = createApp({
    repository: new DynamoApprovalRepository(dynamo),
    idempotency: new DynamoIdempotencyStore(dynamo),
    readiness: createDynamoReadiness(dynamo, ['approvals', 'idempotency']),
    keys,
    authenticate,
  });
  return runService(app, service, [() => dynamo.client.destroy()]);
});
