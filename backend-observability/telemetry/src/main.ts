import { createAuthenticator, runMain, runService } from '@steward/service-kit';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { OtlpForwarder } from './signals/forwarder.ts';

await runMain('telemetry', async () => {
  const { service, otlp } = readConfig(process.env);
  const authenticate = createAuthenticator(service.oidc);
  const forwarder = otlp === undefined ? undefined : new OtlpForwarder({ ...otlp, retry: { attempts: 4 } });
  const app = createApp({ authenticate, ...(forwarder === undefined ? {} : { forwarder }) });
  return runService(app, service, forwarder === undefined ? [] : [() => forwarder.flush()]);
});
