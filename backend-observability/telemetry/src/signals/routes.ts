import type { TelemetryOperations } from '@steward/sdk';
import type { OperationHandlers } from '@steward/service-kit';
import type { TelemetryService } from './service.ts';

/** Ingest in our own shape and in the standard one. */
export function createTelemetryRoutes(service: TelemetryService): OperationHandlers<TelemetryOperations> {
  return {
    ingestTelemetryEvents: ({ body, context }) => ({
      status: 202,
      body: service.takeEvents(context.caller.tenantId, body.events),
    }),
    ingestTraces: ({ body, context }) => ({
      status: 202,
      body: service.takeSignals(context.caller.tenantId, 'traces', body.resourceSpans),
    }),
    otlpTraces: ({ body, context }) => ({
      status: 200,
      body: otlpResult(service.takeSignals(context.caller.tenantId, 'traces', body.resourceSpans), 'rejectedSpans'),
    }),
    otlpMetrics: ({ body, context }) => ({
      status: 200,
      body: otlpResult(
        service.takeSignals(context.caller.tenantId, 'metrics', body.resourceMetrics),
        'rejectedDataPoints',
      ),
    }),
    otlpLogs: ({ body, context }) => ({
      status: 200,
      body: otlpResult(service.takeSignals(context.caller.tenantId, 'logs', body.resourceLogs), 'rejectedLogRecords'),
    }),
    telemetrySummary: ({ context }) => ({ status: 200, body: service.summary(context.caller.tenantId) }),
  };
}

function otlpResult({ dropped }: { dropped: number }, name: string): { partialSuccess?: Record<string, unknown> } {
  if (dropped === 0) return {};
  return { partialSuccess: { [name]: dropped, errorMessage: 'Records without valid ids or data were not taken.' } };
}
