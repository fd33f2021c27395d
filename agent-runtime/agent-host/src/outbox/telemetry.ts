import type { SessionEvent } from '@steward/contracts';
import type { Backend, Log, Scheduler, TelemetrySignal } from '../ports.ts';
import type { SessionStore } from '../session/session-store.ts';

/** What telemetry needs. */
export interface TelemetryDeps {
  readonly store: SessionStore;
  readonly backend: Backend;
  readonly scheduler: Scheduler;
  readonly log: Log;
}

const intervalMs = 5_000;
const mostSignals = 500;
const builtInName = /^[A-Za-z]{1,64}$/;

/**
 * Tells the Telemetry Service how long things took and how they ended: numbers and fixed words, never a prompt, a path
 * or a command. Best effort: what can't be sent, or is more than a batch, is dropped.
 */
export class Telemetry {
  readonly #deps: TelemetryDeps;
  readonly #unsubscribe: () => void;
  #sentSeq: number;
  #cancel: (() => void) | undefined;

  constructor(deps: TelemetryDeps) {
    this.#deps = deps;
    this.#sentSeq = deps.store.state.lastSeq;
    this.#unsubscribe = deps.store.subscribe(() => this.#plan());
  }

  /** Sends what is there and stops; resolves when that succeeded or failed. Never rejects. */
  async dispose(): Promise<void> {
    this.#unsubscribe();
    this.#cancel?.();
    await this.#send();
  }

  /** Runs with every flush, so it only makes sure that a timer runs. */
  #plan(): void {
    this.#cancel ??= this.#deps.scheduler.after(intervalMs, () => {
      this.#cancel = undefined;
      void this.#send();
    });
  }

  async #send(): Promise<void> {
    const { store, backend, log } = this.#deps;
    try {
      const signals: TelemetrySignal[] = [];
      while (this.#sentSeq < store.state.lastSeq && signals.length < mostSignals) {
        const events = store.readEvents(this.#sentSeq + 1, mostSignals);
        if (events.length === 0) break;
        this.#sentSeq += events.length;
        for (const json of events) {
          const signal = isCounted(json) ? signalOf(JSON.parse(json) as SessionEvent) : undefined;
          if (signal !== undefined) signals.push(signal);
        }
      }
      this.#sentSeq = store.state.lastSeq;
      if (signals.length > 0) await backend.sendTelemetry(signals.slice(0, mostSignals));
    } catch (error) {
      log('debug', 'Telemetry could not be sent and is dropped.', { reason: String(error) });
    }
  }
}

/** Spares the parsing of everything else. */
function isCounted(json: string): boolean {
  return /"eventType":"(?:task_completed|task_failed|task_cancelled|llm_request_completed|tool_completed)"/.test(json);
}

/** The signal of an event; undefined for one that is not counted. Pure. */
export function signalOf({ eventType, sessionId, timestamp, payload }: SessionEvent): TelemetrySignal | undefined {
  const attributes = attributesOf(eventType, payload);
  if (attributes === undefined) return undefined;
  const known = Object.entries(attributes).filter(
    ([, value]) => typeof value === 'number' || typeof value === 'string',
  );
  return {
    name: eventType,
    timestamp,
    component: 'LocalAgentHost',
    sessionId,
    attributes: Object.fromEntries(known) as TelemetrySignal['attributes'],
  };
}

function attributesOf(eventType: string, payload: Record<string, unknown>): Record<string, unknown> | undefined {
  const { durationMs, inputTokens, outputTokens, stepCount, status } = payload;
  const errorCode = (payload['error'] as { code?: string } | undefined)?.code;
  switch (eventType) {
    case 'task_completed':
    case 'task_cancelled':
      return { durationMs, stepCount };
    case 'task_failed':
      return { stepCount, errorCode };
    case 'llm_request_completed':
      return { durationMs, inputTokens, outputTokens, errorCode };
    case 'tool_completed': {
      const name = String(payload['toolName']);
      // The name of a remote or invented tool may say more than telemetry may know.
      return { tool: builtInName.test(name) ? name : 'remote', durationMs, status, errorCode };
    }
    default:
      return undefined;
  }
}
