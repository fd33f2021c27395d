import { ConfigError, createAuthenticator, readServiceConfig, runMain, runService } from '@steward/service-kit';
import { createApp } from './app.ts';
import { createGrantCheck, policyKeysAt } from './grants/grants.ts';

await runMain('tools', async () => {
  const config = readServiceConfig(process.env);
  const { policy } = config.serviceUrls;
  if (policy === undefined)
    throw new ConfigError('POLICY_SERVICE_URL is not set; its keys verify what a session grants.');
  const app = createApp({
    authenticate: createAuthenticator(config.oidc),
    checkGrant: createGrantCheck(policyKeysAt(policy)),
  });
  return runService(app, config);
});
