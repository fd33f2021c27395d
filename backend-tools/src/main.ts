import {
  ConfigError,
  createDynamoClient,
  createProtection,
  createServiceTokenSource,
  readServiceConfig,
  runMain,
  runService,
} from '@steward/service-kit';
import { systemClock } from '@steward/sdk';
import { createApp } from './app.ts';
import { createGrantCheck, policyKeysAt } from './grants/grants.ts';
import { createRevocationCheck, policyRevocations } from './grants/revocations.ts';

await runMain('tools', async () => {
  const config = readServiceConfig(process.env);
  const { policy } = config.serviceUrls;
  if (policy === undefined)
    throw new ConfigError('POLICY_SERVICE_URL is not set; its keys verify what a session grants.');
  const { issuer, clientId, clientSecret } = config.oidc;
  if (clientId === undefined || clientSecret === undefined)
    throw new ConfigError('OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are not set; revocations are asked for with them.');
  const getToken = createServiceTokenSource({ issuer, clientId, clientSecret, target: 'policy' });
  const revocations = createRevocationCheck({ list: policyRevocations(policy, getToken), clock: systemClock });
  // It stores nothing of its own; its processes share their rates.
  const dynamo = config.store === 'memory' ? undefined : { client: createDynamoClient(), env: config.env };
  const app = createApp({
    ...createProtection(config, dynamo),
    checkGrant: createGrantCheck(policyKeysAt(policy), revocations),
  });
  return runService(app, config, [() => dynamo?.client.destroy()]);
});
