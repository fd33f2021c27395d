import { telemetryOpenApi } from '@steward/contracts/openapi';
import type { TelemetryOperations } from '@steward/sdk';
import { createService } from '@steward/service-kit';
import type { ProcessOptions, Service, ServiceOptions } from '@steward/service-kit';
import { SignalCounters } from './signals/counters.ts';
import type { OtlpForwarder } from './signals/forwarder.ts';
import { createTelemetryRoutes } from './signals/routes.ts';
import { TelemetryService } from './signals/service.ts';

/** What the Telemetry Service runs on; owned by the caller. */
export interface TelemetryAppDeps extends Pick<
  ServiceOptions<TelemetryOperations>,
  'authenticate' | keyof ProcessOptions | 'logger' | 'clock' | 'newId'
> {
  /** Absent: signals are counted and not sent on. */
  readonly forwarder?: OtlpForwarder;
}

/** Builds the Telemetry Service without listening. */
export function createApp(deps: TelemetryAppDeps): Service {
  const { forwarder, ...service } = deps;
  const telemetry = new TelemetryService({
    counters: new SignalCounters(),
    ...(forwarder === undefined ? {} : { forwarder }),
  });
  return createService<TelemetryOperations>({
    ...service,
    name: 'telemetry',
    openApi: telemetryOpenApi,
    handlers: createTelemetryRoutes(telemetry),
  });
}
