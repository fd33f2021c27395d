import type { TelemetryComponents } from '@steward/sdk';
import type { Loose, OtlpAttribute, SignalBatch } from './otlp.ts';

/** One operational event as clients send it; its schema leaves no place for free text. */
export type TelemetryEvent = TelemetryComponents['schemas']['TelemetryEvent'];

/** Our events as OTLP log records, one resource per component. */
export function eventsToLogs(events: readonly TelemetryEvent[], tenantId: string): SignalBatch[] {
  const byComponent = new Map<string, TelemetryEvent[]>();
  for (const event of events) byComponent.set(event.component, [...(byComponent.get(event.component) ?? []), event]);
  return [...byComponent].map(([component, list]) => ({
    kind: 'logs',
    records: list.length,
    resource: {
      resource: { attributes: [attribute('service.name', component), attribute('steward.tenant', tenantId)] },
      scopeLogs: [{ scope: { name: 'steward', attributes: [] }, logRecords: list.map(toLogRecord) }],
    },
  }));
}

function toLogRecord(event: TelemetryEvent): Loose {
  const attributes = Object.entries(event.attributes ?? {}).map(([key, value]) => attribute(key, value));
  if (event.sessionId !== undefined) attributes.push(attribute('steward.session', event.sessionId));
  return {
    timeUnixNano: `${Date.parse(event.timestamp)}000000`,
    severityNumber: 9,
    eventName: event.name,
    ...(event.traceId === undefined ? {} : { traceId: event.traceId }),
    attributes,
  };
}

function attribute(key: string, value: unknown): OtlpAttribute {
  if (typeof value === 'boolean') return { key, value: { boolValue: value } };
  if (typeof value === 'number')
    return { key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } };
  return { key, value: { stringValue: String(value) } };
}
