import {
  ConfigError,
  createDynamoClient,
  createProtection,
  readServiceConfig,
  runMain,
  runService,
} from '@steward/service-kit';
import { createApp } from './app.ts';
import { createGrantCheck, policyKeysAt } from './grants/grants.ts';

await runMain('tools', async () => {
  const config = readServiceConfig(process.env);
  const { policy } = config.serviceUrls;
  if (policy === undefined)
    throw new ConfigError('POLICY_SERVICE_URL is not set; its keys verify what a session grants.');
  // It stores nothing of its own; its processes share their rates.
  const dynamo = config.store === 'memory' ? undefined : { client: createDynamoClient(), env: config.env };
  const app = createApp({
    ...createProtection(config, dynamo),
    checkGrant: createGrantCheck(policyKeysAt(policy)),
  });
  return runService(app, config, [() => dynamo?.client.destroy()]);
});
