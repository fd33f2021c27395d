import type { ApproveActionParams, ApproveActionResult, PendingApproval, Principal } from '@steward/contracts';
import { StewardError, timestampOf } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import { StopSignal } from '../loop/stop-signal.ts';
import type { Backend, Log, Scheduler } from '../ports.ts';
import type { SessionStore } from '../session/session-store.ts';
import type { ApprovalAnswer, ApprovalRecord } from '../session/session-state.ts';

/** What the desk needs. */
export interface ApprovalDeskDeps {
  readonly store: SessionStore;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly backend: Pick<Backend, 'fetchApproval'>;
  readonly log: Log;
  /** Puts a message for the Approval Service into the outbox. */
  post(path: string, body: unknown): void;
  /** The session's own user. */
  user(): Principal;
}

/** How a request was answered. */
export interface ApprovalOutcome {
  readonly approvalId: string;
  readonly answer: ApprovalAnswer;
  readonly reason?: string;
  readonly decidedBy?: Principal;
}

interface Waiting {
  readonly resolve: (outcome: ApprovalOutcome) => void;
  stop: () => void;
  /** Time left for the person when the clock was last looked at, and when that was. */
  leftMs: number;
  lookedAtMs: number;
  /** Time left as it was last written down. */
  keptLeftMs: number;
}

/** Time a person has to answer before it counts as denied. */
export const approvalTimeoutMs = 5 * 60_000;
/** Between two looks no more than this counts, so that a machine that slept takes nobody's time. */
const lookEveryMs = 15_000;
/** How often the time left is written down: what a killed runtime may give back. */
const keepEveryMs = 30_000;
/** An announced end that is off by less is not announced again. */
const toleranceMs = 5_000;
const pollMs = 2_000;

/**
 * Pending approvals of one session. Every request, hold and answer is a record of the journal before anybody hears of
 * it; the first answer wins. Requests for an `approver` are answered by the Approval Service alone.
 */
export class ApprovalDesk {
  readonly #deps: ApprovalDeskDeps;
  readonly #waiting = new Map<string, Waiting>();

  constructor(deps: ApprovalDeskDeps) {
    this.#deps = deps;
  }

  /** Requests without an answer, in the order they came. */
  pending(): PendingApproval[] {
    return [...this.#deps.store.state.approvals.values()].flatMap(({ request, status }) =>
      status === 'pending' || status === 'held' ? [{ ...request, status }] : [],
    );
  }

  /** The request that was made for this call and action before, for instance before a restart. */
  find(toolCallId: string, actionDigest: string): ApprovalRecord | undefined {
    return [...this.#deps.store.state.approvals.values()].find(
      ({ request }) => request.toolCallId === toolCallId && request.actionDigest === actionDigest,
    );
  }

  /**
   * Asks, or goes on asking, and resolves with the answer. Going on after a restart announces the request again, with
   * the time that the person had left. Only time in which this process was awake counts as the person's. An abort
   * answers `cancelled`; an orderly stop rejects and leaves the request pending.
   * @param grantKey what an answer for more than this call covers
   */
  async ask(request: PendingApproval, grantKey: string, signal: AbortSignal): Promise<ApprovalOutcome> {
    const { store } = this.#deps;
    const known = store.state.approvals.get(request.approvalId);
    if (known !== undefined && known.status !== 'pending' && known.status !== 'held') return outcomeOf(known);
    if (known === undefined) {
      const remainingMs = Date.parse(request.expiresAt) - this.#deps.clock.now().getTime();
      store.record('approval', { request, status: 'pending', grantKey, remainingMs });
      store.emit('approval_requested', { approval: request }, placeOf(request));
      if (request.approverRole === 'approver')
        this.#deps.post('/approvals', toInput(request, store.state.facts?.workspaceId));
      await store.sync();
    } else {
      const left = leftOf(known, this.#deps.clock);
      this.#announceAgain(known, left);
    }
    const after = store.state.approvals.get(request.approvalId)!;
    if (after.status !== 'pending' && after.status !== 'held') return outcomeOf(after);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        if (!(signal.reason instanceof StopSignal)) return this.#settle(request.approvalId, 'cancelled');
        waiting.stop();
        this.#keepLeft(request.approvalId, this.#count(waiting));
        this.#waiting.delete(request.approvalId);
        reject(signal.reason);
      };
      const waiting: Waiting = {
        resolve: (outcome) => {
          signal.removeEventListener('abort', onAbort);
          resolve(outcome);
        },
        stop: () => undefined,
        leftMs: leftOf(after, this.#deps.clock),
        lookedAtMs: this.#deps.clock.monotonicMs(),
        keptLeftMs: leftOf(after, this.#deps.clock),
      };
      this.#waiting.set(request.approvalId, waiting);
      this.#startClock(request.approvalId);
      if (request.approverRole === 'approver') this.#poll(request.approvalId);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Answers a request for a client. Durable when it resolves. */
  async answer(params: ApproveActionParams): Promise<ApproveActionResult> {
    const { approvalId, actionDigest, decision } = params;
    const record = this.#deps.store.approval(approvalId);
    if (record === undefined)
      throw new StewardError('NOT_FOUND', `There is no approval request ${approvalId} in this conversation.`);
    if (record.request.actionDigest !== actionDigest) {
      throw new StewardError(
        'CONFLICT',
        'The answer is for another action than the one that waits. Load the request again and look at it.',
        { details: { approvalId } },
      );
    }
    if (record.status !== 'pending' && record.status !== 'held')
      return { approvalId, decision: record.status, first: false };
    if (record.request.approverRole === 'approver' && decision !== 'denied') {
      throw new StewardError(
        'PERMISSION_DENIED',
        'This action needs the decision of someone else with the role approver. It waits in their inbox.',
        { details: { approvalId } },
      );
    }
    const scope = params.scope ?? 'once';
    if (decision === 'approved' && !record.request.allowedScopes.includes(scope)) {
      throw new StewardError(
        'INVALID_REQUEST',
        `This action can be approved for ${record.request.allowedScopes.join(', ')}, not for ${scope}.`,
        { details: { field: 'scope' } },
      );
    }
    if (decision === 'held') {
      const first = record.status === 'pending';
      if (first) this.#hold(record);
      await this.#deps.store.sync();
      return { approvalId, decision, first };
    }
    const by = this.#deps.user();
    this.#settle(approvalId, decision, {
      scope,
      decidedBy: by,
      ...(params.reason === undefined ? {} : { reason: params.reason }),
    });
    await this.#deps.store.sync();
    return { approvalId, decision, first: true };
  }

  /** Denies a request that the policy does not allow any more, whoever it waits for. */
  withdraw(approvalId: string, reason: string): void {
    this.#settle(approvalId, 'denied', { reason });
  }

  /** Answers what still waits for a task that has ended: nobody is asked any more. */
  cancelTask(taskId: string): void {
    for (const { approvalId, taskId: asking } of this.pending())
      if (asking === taskId) this.#settle(approvalId, 'cancelled');
  }

  /** Stops all clocks; nobody is answered. For an orderly stop whose journal stays. */
  dispose(): void {
    for (const { stop } of this.#waiting.values()) stop();
    this.#waiting.clear();
  }

  /** The machine slept or its clock was set: ends that were announced are put right. */
  clocksLeapt(): void {
    for (const approvalId of this.#waiting.keys()) this.#look(approvalId);
  }

  #hold(record: ApprovalRecord): void {
    const { store, clock } = this.#deps;
    const { approvalId } = record.request;
    const waiting = this.#waiting.get(approvalId);
    waiting?.stop();
    const remainingMs = Math.max(0, waiting === undefined ? leftOf(record, clock) : this.#count(waiting));
    store.record('approval', { ...record, status: 'held', remainingMs });
    store.emit('approval_held', { approvalId }, placeOf(record.request));
  }

  #startClock(approvalId: string): void {
    const { store, scheduler } = this.#deps;
    const waiting = this.#waiting.get(approvalId);
    if (waiting === undefined || store.state.approvals.get(approvalId)?.status !== 'pending') return;
    if (waiting.leftMs <= 0) {
      store.emit('approval_timeout', { approvalId }, placeOf(store.state.approvals.get(approvalId)!.request));
      return this.#settle(approvalId, 'timeout', { reason: 'Nobody answered in time.' });
    }
    waiting.stop = scheduler.after(Math.min(waiting.leftMs, lookEveryMs), () => this.#look(approvalId));
  }

  /** Counts the time since the last look, keeps it, and says a new end where the announced one is wrong by now. */
  #look(approvalId: string): void {
    const { store, clock } = this.#deps;
    const waiting = this.#waiting.get(approvalId);
    const record = store.state.approvals.get(approvalId);
    if (waiting === undefined || record === undefined || record.status !== 'pending') return;
    waiting.stop();
    const left = this.#count(waiting);
    if (left > 0) {
      const announced = Date.parse(record.request.expiresAt) - clock.now().getTime();
      // The Approval Service keeps the time of requests that it has to answer.
      const isMine = record.request.approverRole !== 'approver';
      if (isMine && Math.abs(announced - left) > toleranceMs) this.#announceAgain(record, left);
      if (waiting.keptLeftMs - left >= keepEveryMs) this.#keepLeft(approvalId, left);
    }
    this.#startClock(approvalId);
  }

  #count(waiting: Waiting): number {
    const now = this.#deps.clock.monotonicMs();
    waiting.leftMs -= Math.min(now - waiting.lookedAtMs, lookEveryMs);
    waiting.lookedAtMs = now;
    return waiting.leftMs;
  }

  #keepLeft(approvalId: string, leftMs: number): void {
    const { store } = this.#deps;
    const record = store.state.approvals.get(approvalId);
    if (record?.status !== 'pending') return;
    store.record('approval', { ...record, remainingMs: Math.max(0, Math.round(leftMs)) });
    const waiting = this.#waiting.get(approvalId);
    if (waiting !== undefined) waiting.keptLeftMs = leftMs;
  }

  #announceAgain(record: ApprovalRecord, leftMs: number): void {
    const { store, clock } = this.#deps;
    const isMine = record.request.approverRole !== 'approver';
    const expiresAt = new Date(clock.now().getTime() + Math.max(0, leftMs)).toISOString();
    const request = isMine ? { ...record.request, expiresAt } : record.request;
    store.record('approval', { ...record, request, remainingMs: Math.max(0, Math.round(leftMs)) });
    const status = record.status === 'held' ? 'held' : 'pending';
    store.emit('approval_requested', { approval: { ...request, status } }, placeOf(request));
  }

  #poll(approvalId: string): void {
    const { backend, scheduler, store, log } = this.#deps;
    if (!this.#waiting.has(approvalId)) return;
    const again = (): void => void scheduler.after(pollMs, () => this.#poll(approvalId));
    backend.fetchApproval(approvalId).then(
      (remote) => {
        const record = store.state.approvals.get(approvalId);
        if (remote === undefined || record === undefined || remote.status === 'pending') return again();
        if (remote.actionDigest !== record.request.actionDigest) {
          return this.#settle(approvalId, 'denied', { reason: 'The decision was made about another action.' });
        }
        if (remote.status === 'held') {
          if (record.status === 'pending') this.#hold(record);
          return again();
        }
        if (
          remote.status === 'approved' &&
          (remote.decidedBy === undefined || remote.decidedBy === this.#deps.user().id)
        ) {
          return this.#settle(approvalId, 'denied', {
            reason: 'The decision did not come from someone else with the role approver.',
          });
        }
        const decidedBy =
          remote.decidedBy === undefined ? {} : { decidedBy: { type: 'user' as const, id: remote.decidedBy } };
        return this.#settle(approvalId, remote.status, {
          scope: 'once',
          ...decidedBy,
          ...(remote.reason === undefined ? {} : { reason: remote.reason }),
        });
      },
      (error: unknown) => {
        log('warn', 'The Approval Service could not be asked.', { approvalId, reason: String(error) });
        again();
      },
    );
  }

  #settle(
    approvalId: string,
    answer: ApprovalAnswer,
    facts: Pick<ApprovalRecord, 'scope' | 'reason' | 'decidedBy'> = {},
  ): void {
    const { store } = this.#deps;
    const record = store.state.approvals.get(approvalId);
    if (record === undefined || (record.status !== 'pending' && record.status !== 'held')) return;
    const settled: ApprovalRecord = { ...record, ...facts, status: answer };
    delete settled.remainingMs;
    store.record('approval', settled);
    const { taskId, toolCallId } = record.request;
    if (answer === 'approved' && (facts.scope === 'task' || facts.scope === 'session')) {
      store.record('grant', {
        key: record.grantKey,
        scope: facts.scope,
        taskId,
        approvalId,
        approvedBy: facts.decidedBy?.id ?? '',
      });
    }
    store.emit(
      'approval_resolved',
      {
        approvalId,
        toolCallId,
        decision: answer,
        ...(facts.scope === undefined || answer !== 'approved' ? {} : { scope: facts.scope }),
        ...(facts.reason === undefined ? {} : { reason: facts.reason }),
        ...(facts.decidedBy === undefined ? {} : { decidedBy: facts.decidedBy }),
      },
      placeOf(record.request),
    );
    if (record.request.approverRole !== 'approver') {
      const decision = {
        decision: answer,
        decidedAt: timestampOf(this.#deps.clock),
        ...(facts.scope === undefined ? {} : { scope: facts.scope }),
        ...(facts.reason === undefined ? {} : { reason: facts.reason }),
      };
      this.#deps.post('/approvals', { ...toInput(record.request, store.state.facts?.workspaceId), decision });
    }
    const waiting = this.#waiting.get(approvalId);
    this.#waiting.delete(approvalId);
    waiting?.stop();
    waiting?.resolve(outcomeOf(settled));
  }
}

function outcomeOf({ request, status, reason, decidedBy }: ApprovalRecord): ApprovalOutcome {
  return {
    approvalId: request.approvalId,
    answer: status as ApprovalAnswer,
    ...(reason === undefined ? {} : { reason }),
    ...(decidedBy === undefined ? {} : { decidedBy }),
  };
}

/** Time that a person has left; journals that don't know it have the announced end. */
function leftOf({ request, remainingMs }: ApprovalRecord, clock: Clock): number {
  return remainingMs ?? Date.parse(request.expiresAt) - clock.now().getTime();
}

function placeOf({ taskId, stepId }: PendingApproval): { taskId: string; stepId: string } {
  return { taskId, stepId };
}

/** The request as the Approval Service records it. */
function toInput(request: PendingApproval, workspaceId: string | undefined): Record<string, unknown> {
  const {
    approvalId,
    sessionId,
    taskId,
    stepId,
    toolCallId,
    title,
    actionSummary,
    riskLevel,
    reasonCodes,
    ruleId,
    approverRole,
    details,
    subject,
    actionDigest,
    expiresAt,
  } = request;
  return {
    approvalId,
    ...(workspaceId === undefined ? {} : { workspaceId }),
    sessionId,
    taskId,
    stepId,
    toolCallId,
    title: title.slice(0, 500),
    actionSummary: actionSummary.slice(0, 4000),
    riskLevel,
    reasonCodes,
    ...(ruleId === undefined ? {} : { ruleId }),
    ...(approverRole === undefined ? {} : { approverRole }),
    details: { ...details, subject },
    actionDigest,
    expiresAt,
  };
}
