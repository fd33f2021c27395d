/** The three kinds of OTLP data, by the name of their path. */
export type SignalKind = 'traces' | 'metrics' | 'logs';

/** JSON whose shape is not known yet. */
export type Loose = Record<string, unknown>;

/** One attribute in OTLP JSON. */
export interface OtlpAttribute {
  readonly key: string;
  readonly value: Loose;
}

/** Where each kind keeps its resources, scopes and records. */
export const layoutOf = {
  traces: { resources: 'resourceSpans', scopes: 'scopeSpans', records: 'spans' },
  metrics: { resources: 'resourceMetrics', scopes: 'scopeMetrics', records: 'metrics' },
  logs: { resources: 'resourceLogs', scopes: 'scopeLogs', records: 'logRecords' },
} as const;

/** Records of one resource that passed, ready to be forwarded. */
export interface SignalBatch {
  readonly kind: SignalKind;
  /** One entry of `resourceSpans`, `resourceMetrics` or `resourceLogs`. */
  readonly resource: Loose;
  readonly records: number;
}
