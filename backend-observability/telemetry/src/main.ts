import { createDynamoClient, createProtection, runMain, runService } from '@steward/service-kit';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { OtlpForwarder } from './signals/forwarder.ts';

await runMain('telemetry', async () => {
  const { service, otlp } = readConfig(process.env);
  // It stores nothing of its own; its processes share their rates.
  const dynamo = service.store === 'memory' ? undefined : { client: createDynamoClient(), env: service.env };
  const forwarder = otlp === undefined ? undefined : new OtlpForwarder({ ...otlp, retry: { attempts: 4 } });
  const app = createApp({ ...createProtection(service, dynamo), ...(forwarder === undefined ? {} : { forwarder }) });
  return runService(app, service, [() => forwarder?.flush(), () => dynamo?.client.destroy()]);
});
