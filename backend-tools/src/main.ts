import { createAuthenticator, readServiceConfig, runMain, runService } from '@steward/service-kit';
import { createApp } from './app.ts';

await runMain('tools', async () => {
  const config = readServiceConfig(process.env);
  return runService(createApp({ authenticate: createAuthenticator(config.oidc) }), config);
});
