import { cleanSignals } from './clean-signals.ts';
import type { CleanSignals } from './clean-signals.ts';
import type { SignalCounters } from './counters.ts';
import { eventsToLogs } from './events-to-logs.ts';
import type { TelemetryEvent } from './events-to-logs.ts';
import type { ForwardingState, OtlpForwarder } from './forwarder.ts';
import type { SignalKind } from './otlp.ts';

/** What the service reports about itself. */
export interface TelemetrySummary {
  readonly counts: Record<string, number>;
  readonly forwarding: { readonly configured: boolean } & Partial<ForwardingState>;
}

/** Takes operational signals, counts them and sends them on when a receiver is configured. Keeps nothing. */
export class TelemetryService {
  readonly #counters: SignalCounters;
  readonly #forwarder: OtlpForwarder | undefined;

  constructor(deps: { counters: SignalCounters; forwarder?: OtlpForwarder }) {
    this.#counters = deps.counters;
    this.#forwarder = deps.forwarder;
  }

  /** Takes events whose schema was checked before. */
  takeEvents(tenantId: string, events: readonly TelemetryEvent[]): { accepted: number; dropped: number } {
    this.#counters.add(
      tenantId,
      events.map(({ name }) => name),
    );
    this.#forwarder?.accept(eventsToLogs(events, tenantId));
    return { accepted: events.length, dropped: 0 };
  }

  /** Takes OTLP data, rebuilt from what is known to hold no content. */
  takeSignals(
    tenantId: string,
    kind: SignalKind,
    resources: readonly unknown[],
  ): Pick<CleanSignals, 'accepted' | 'dropped'> {
    const { batches, names, accepted, dropped } = cleanSignals(kind, resources, tenantId);
    this.#counters.add(tenantId, names);
    this.#forwarder?.accept(batches);
    return { accepted, dropped };
  }

  /** Counts of the tenant and the state of forwarding. */
  summary(tenantId: string): TelemetrySummary {
    const forwarding =
      this.#forwarder === undefined ? { configured: false } : { configured: true, ...this.#forwarder.state };
    return { counts: this.#counters.of(tenantId), forwarding };
  }
}
