import { cleanList, cleanLogRecord, cleanMetric, cleanOwner, cleanSpan } from './clean.ts';
import type { Cleaner } from './clean.ts';
import { layoutOf } from './otlp.ts';
import type { Loose, SignalBatch, SignalKind } from './otlp.ts';

const cleaners: Record<SignalKind, Cleaner> = { traces: cleanSpan, metrics: cleanMetric, logs: cleanLogRecord };

/** What is left of an OTLP request after everything that could hold content is gone. */
export interface CleanSignals {
  readonly batches: SignalBatch[];
  readonly accepted: number;
  /** Records that were not what they claimed to be. */
  readonly dropped: number;
  /** Names of the accepted records, for counting. */
  readonly names: string[];
}

/** Rebuilds an OTLP request from what may pass; the tenant is written by us, whatever the sender claims. */
export function cleanSignals(kind: SignalKind, resources: readonly unknown[], tenantId: string): CleanSignals {
  const layout = layoutOf[kind];
  const batches: SignalBatch[] = [];
  const names: string[] = [];
  let received = 0;
  for (const value of resources) {
    const source = value as Loose;
    const scopes = cleanList(source[layout.scopes], (scope) => {
      const raw = (typeof scope === 'object' && scope !== null ? scope : {}) as Loose;
      const rawRecords = raw[layout.records];
      received += Array.isArray(rawRecords) ? rawRecords.length : 0;
      const records = cleanList(rawRecords, cleaners[kind]);
      names.push(...records.map((record) => String(record['name'] ?? record['eventName'] ?? 'log')));
      return { scope: cleanOwner(raw['scope']), [layout.records]: records };
    });
    const records = scopes.reduce((sum, scope) => sum + (scope[layout.records] as unknown[]).length, 0);
    if (records > 0)
      batches.push({
        kind,
        records,
        resource: { resource: withTenant(source['resource'], tenantId), [layout.scopes]: scopes },
      });
  }
  return { batches, names, accepted: names.length, dropped: received - names.length };
}

function withTenant(resource: unknown, tenantId: string): Loose {
  const { attributes } = cleanOwner(resource) as { attributes: { key: string }[] };
  const own = attributes.filter(({ key }) => key !== 'steward.tenant');
  return { attributes: [...own, { key: 'steward.tenant', value: { stringValue: tenantId } }] };
}
