import { ConfigError, deepFreeze, optional, readServiceConfig, url } from '@steward/service-kit';
import type { Environment, ServiceConfig } from '@steward/service-kit';

/** What the Telemetry Service is told by its environment. */
export interface TelemetryConfig {
  readonly service: ServiceConfig;
  /** Absent: signals are counted and not sent on. */
  readonly otlp?: { readonly endpoint: string; readonly headers: Readonly<Record<string, string>> };
}

/** Reads and validates the environment; throws ConfigError naming the variable. */
export function readConfig(environment: Environment): TelemetryConfig {
  const service = readServiceConfig(environment);
  if (optional(environment, 'OTEL_EXPORTER_OTLP_ENDPOINT') === undefined) return deepFreeze({ service });
  const endpoint = url(environment, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  return deepFreeze({
    service,
    otlp: { endpoint, headers: readHeaders(optional(environment, 'OTEL_EXPORTER_OTLP_HEADERS')) },
  });
}

/** `name=value,name=value`, values percent-encoded, as OpenTelemetry defines it. */
function readHeaders(text: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const pair of (text ?? '').split(',').filter((part) => part.trim() !== '')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    if (equals < 1 || !/^[A-Za-z0-9-]+$/.test(name))
      throw new ConfigError('OTEL_EXPORTER_OTLP_HEADERS must be name=value pairs with commas between.');
    headers[name] = decodeURIComponent(pair.slice(equals + 1).trim());
  }
  return headers;
}
