import type { OutboxState } from '@steward/contracts';
import { StewardError, timestampOf } from '@steward/sdk';
import type { Clock, NewId } from '@steward/sdk';
import type { Backend, Log, OutboxRequest, Scheduler } from '../ports.ts';
import type { SessionStore } from '../session/session-store.ts';
import { auditEnvelope, isAudited } from './audit-envelope.ts';
import type { AuditIdentity } from './audit-envelope.ts';
import { OutboxLane } from './outbox-lane.ts';

/** What the outbox needs. */
export interface OutboxDeps {
  readonly store: SessionStore;
  readonly backend: Backend;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly scheduler: Scheduler;
  readonly log: Log;
  identity(): AuditIdentity;
  redact(text: string): string;
  /** Uploads the present thread; called when its turn in the workspace lane has come. */
  uploadHistory(taskId: string): Promise<void>;
}

const auditBatch = 100;
/** Events leave when none came for this long … */
const auditQuietMs = 400;
/** … or, while the agent works without a pause, this long after the first that waits. */
const auditLongestWaitMs = 2_000;

/** Path that stands for "the newest history", whose body is made when it is sent. */
export const historyPath = 'session-history';

/**
 * What must reach a service some day. Requests and events wait in the journal, in order per service, and leave in the
 * background with backoff and idempotency keys; no caller ever waits for a service. What a service refuses for good is
 * logged and given up, so that it can't block what comes behind it.
 */
export class Outbox {
  readonly #deps: OutboxDeps;
  readonly #lanes: Record<OutboxRequest['service'] | 'audit', OutboxLane>;
  #lastSentAt: string | undefined;
  #troubled = false;
  /** What was waiting when it was said last. */
  #saidWaiting = 0;
  #auditPlanned = false;
  #lastEventAt = 0;
  #unsubscribe: () => void;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    const lane = (name: string, sendNext: () => Promise<boolean>): OutboxLane =>
      new OutboxLane({
        name,
        scheduler: deps.scheduler,
        log: deps.log,
        sendNext,
        onSent: () => this.#onSent(),
        onTrouble: () => this.#onTrouble(),
      });
    this.#lanes = {
      session: lane('session', () => this.#sendNext('session')),
      workspace: lane('workspace', () => this.#sendNext('workspace')),
      approval: lane('approval', () => this.#sendNext('approval')),
      audit: lane('audit', () => this.#sendEvents()),
    };
    this.#unsubscribe = deps.store.subscribe(() => this.#planAudit());
  }

  /** Adds a request; it is durable with the next sync of the journal. */
  add(request: OutboxRequest): void {
    const { store, newId } = this.#deps;
    if (request.path === historyPath) {
      // A newer snapshot holds everything an older one would have.
      for (const item of store.state.outbox.values())
        if (item.request.path === historyPath) store.record('sent', { id: item.id });
    }
    store.record('outbox', { id: newId('req'), request });
    this.#lanes[request.service].wake();
  }

  /** Starts sending what waits, now: after a start, and when a token or a network came back. */
  kick(): void {
    for (const lane of Object.values(this.#lanes)) lane.kick();
  }

  state(): OutboxState {
    const { store } = this.#deps;
    const waiting = store.state.outbox.size + (store.state.lastSeq > store.state.auditedSeq ? this.#unsentEvents() : 0);
    return { waiting, ...(this.#lastSentAt === undefined ? {} : { lastSentAt: this.#lastSentAt }) };
  }

  /**
   * Sends until nothing waits, every service that still owes an answer failed a few times in a row, or the time is up;
   * true when nothing waits. The services are asked side by side, so that one of them can't take the time of the others.
   */
  async drain(timeoutMs: number): Promise<boolean> {
    const { clock } = this.#deps;
    const deadline = clock.monotonicMs() + timeoutMs;
    const lanes = Object.values(this.#lanes);
    await Promise.all(lanes.map((lane) => lane.drain(timeoutMs)));
    // That the services answer again is an event as well, and the lane of events may have been done before it.
    if (!this.#isEmpty() && !lanes.some((lane) => lane.inTrouble))
      await this.#lanes.audit.drain(Math.max(0, deadline - clock.monotonicMs()));
    return this.#isEmpty();
  }

  dispose(): void {
    this.#unsubscribe();
    for (const lane of Object.values(this.#lanes)) lane.stop();
  }

  async #sendNext(service: OutboxRequest['service']): Promise<boolean> {
    const { store, backend, log } = this.#deps;
    const item = [...store.state.outbox.values()].find(({ request }) => request.service === service);
    if (item === undefined) return false;
    // What a service knows must never be news to this machine after a power cut.
    await store.sync();
    try {
      if (item.request.path === historyPath) await this.#deps.uploadHistory(String(item.request.body));
      else await backend.send(item.request, item.id);
    } catch (error) {
      if (mayStillSucceed(error)) throw error;
      log('error', 'A service refused a request for good; it is given up.', {
        service,
        path: item.request.path,
        reason: String(error),
      });
    }
    store.record('sent', { id: item.id });
    return true;
  }

  async #sendEvents(): Promise<boolean> {
    const { store, backend, log, redact } = this.#deps;
    const fromSeq = store.state.auditedSeq + 1;
    const events = store.readEvents(fromSeq, auditBatch);
    if (events.length === 0) return false;
    await store.sync();
    const identity = this.#deps.identity();
    const batch = events.filter(isAudited).map((json) => auditEnvelope(json, identity, redact));
    try {
      if (batch.length > 0) await backend.appendAuditEvents(batch);
    } catch (error) {
      if (mayStillSucceed(error)) throw error;
      log('error', 'The Audit Service refused events for good; they stay in the journal only.', {
        fromSeq,
        count: batch.length,
        reason: String(error),
      });
    }
    store.record('audited', { seq: fromSeq + events.length - 1 });
    return true;
  }

  #isEmpty(): boolean {
    return this.#deps.store.state.outbox.size === 0 && this.#unsentEvents() === 0;
  }

  #unsentEvents(): number {
    const { state } = this.#deps.store;
    return state.lastSeq - state.auditedSeq;
  }

  /** Joins the events of several steps into one request, so that sending does not compete with a working agent. */
  #planAudit(): void {
    const { clock, store } = this.#deps;
    this.#lastEventAt = clock.monotonicMs();
    if (this.#auditPlanned || store.state.lastSeq <= store.state.auditedSeq) return;
    this.#auditPlanned = true;
    this.#awaitQuiet(this.#lastEventAt + auditLongestWaitMs, auditQuietMs);
  }

  #awaitQuiet(deadline: number, waitMs: number): void {
    const { clock, scheduler } = this.#deps;
    scheduler.after(waitMs, () => {
      const now = clock.monotonicMs();
      const left = Math.min(this.#lastEventAt + auditQuietMs, deadline) - now;
      if (left > 1) return this.#awaitQuiet(deadline, left);
      this.#auditPlanned = false;
      this.#lanes.audit.wake();
    });
  }

  #onSent(): void {
    this.#lastSentAt = timestampOf(this.#deps.clock);
    if (!this.#troubled || Object.values(this.#lanes).some((lane) => lane.inTrouble)) return;
    this.#troubled = false;
    this.#deps.store.emit('outbox_changed', this.state());
  }

  #onTrouble(): void {
    const state = this.state();
    // The announcement waits to be sent as well; alone it is nothing new.
    if (this.#troubled && state.waiting <= this.#saidWaiting + 1) return;
    this.#troubled = true;
    this.#saidWaiting = state.waiting;
    this.#deps.store.emit('outbox_changed', state);
  }
}

/** A sign-in can be renewed and a service can come back; a malformed or conflicting request stays what it is. */
function mayStillSucceed(error: unknown): boolean {
  if (!(error instanceof StewardError)) return true;
  return error.retryable || error.code === 'UNAUTHORIZED' || error.code === 'RATE_LIMITED';
}
