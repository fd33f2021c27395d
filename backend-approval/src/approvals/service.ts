import { StewardError, canonicalJson } from '@steward/sdk';
import type { Caller, PageRequest, SigningKeys } from '@steward/service-kit';
import { signReceipt } from '../receipts/receipts.ts';
import { toApproval } from './approval.ts';
import type {
  Approval,
  ApprovalDecision,
  ApprovalInput,
  ApprovalRecord,
  ApprovalStatus,
  DecideInput,
  DecisionRecord,
  RequestRecord,
} from './approval.ts';
import type { ApprovalRepository } from './repository.ts';
import { assertMayDecide, assertPlausible, assertSameAction, assertStillOpen, maySee } from './rules.ts';

/** Which approvals a list asks for. */
export interface ApprovalQuery extends PageRequest {
  readonly sessionId?: string;
  readonly status?: ApprovalStatus;
}

/** Records requests and decisions; the first decision about a request wins, and repeating one changes nothing. */
export class ApprovalService {
  readonly #repository: ApprovalRepository;
  readonly #keys: SigningKeys;

  constructor(deps: { repository: ApprovalRepository; keys: SigningKeys }) {
    this.#repository = deps.repository;
    this.#keys = deps.keys;
  }

  /** Records a request of the caller's session, with the decision made on the client when there is one. */
  async record(caller: Caller, input: ApprovalInput, now: Date): Promise<{ isNew: boolean; approval: Approval }> {
    assertPlausible(input, now);
    const { decision, ...facts } = input;
    const request: RequestRecord = {
      tenantId: caller.tenantId,
      userId: caller.userId,
      input: facts,
      createdAt: now.toISOString(),
    };
    if (decision !== undefined) assertMayDecide(caller, request, decision.decision);
    const first =
      decision === undefined || decision.decision === 'held'
        ? undefined
        : await this.#sign(caller, request, decision, now);
    const isNew = await this.#repository.appendRequest(caller.scope, request, first);
    const isHeld = decision?.decision === 'held';
    // At the moment it was stored nothing else was known of it, so it need not be read back.
    if (isNew && !isHeld)
      return { isNew, approval: toApproval({ request, ...(first === undefined ? {} : { decision: first }) }, now) };
    const known = isNew ? request : await this.#knownRequest(caller, request);
    const isRecorded = first === undefined || (await this.#settle(caller, known, first));
    if (isHeld) await this.#hold(caller, known, decision, now);
    return { isNew: isNew || !isRecorded, approval: await this.get(caller, input.approvalId, now) };
  }

  /** Another tenant's or another person's approval does not exist, unless the caller may see the tenant's. */
  async get(caller: Caller, approvalId: string, now: Date): Promise<Approval> {
    return toApproval(await this.#visible(caller, approvalId), now);
  }

  /** Newest first; by session, by status, or (neither given) what waits for a decision. */
  async list(caller: Caller, query: ApprovalQuery, now: Date): Promise<{ items: Approval[]; nextCursor?: string }> {
    const { sessionId, status, ...page } = query;
    const keep = (record: ApprovalRecord): boolean => {
      return maySee(caller, record.request) && (status === undefined || toApproval(record, now).status === status);
    };
    const found =
      sessionId === undefined
        ? await this.#repository.listByStatus(caller.scope, status ?? 'pending', page, keep, now)
        : await this.#repository.listBySession(caller.scope, sessionId, page, keep);
    return { ...found, items: found.items.map((record) => toApproval(record, now)) };
  }

  /** Decides or holds. Refused when the action differs, the wait is over, or the caller may not decide. */
  async decide(caller: Caller, approvalId: string, input: DecideInput, now: Date): Promise<Approval> {
    const record = await this.#visible(caller, approvalId);
    const { request } = record;
    const { actionDigest, ...answer } = input;
    assertMayDecide(caller, request, input.decision);
    assertSameAction(request, actionDigest);
    const decision: ApprovalDecision = { ...answer, decidedAt: now.toISOString() };
    if (record.decision !== undefined) assertSameDecision(record.decision.decision, decision, approvalId);
    else {
      assertStillOpen(record, now);
      if (decision.decision === 'held') await this.#hold(caller, request, decision, now);
      else await this.#settle(caller, request, await this.#sign(caller, request, decision, now));
    }
    return this.get(caller, approvalId, now);
  }

  async #visible(caller: Caller, approvalId: string): Promise<ApprovalRecord> {
    const record = await this.#repository.get(caller.scope, approvalId);
    if (record !== undefined && maySee(caller, record.request)) return record;
    throw new StewardError('NOT_FOUND', `There is no approval ${approvalId}.`);
  }

  async #knownRequest(caller: Caller, request: RequestRecord): Promise<RequestRecord> {
    const { approvalId } = request.input;
    const known = (await this.#repository.get(caller.scope, approvalId))?.request;
    if (known?.userId === caller.userId && canonicalJson(known.input) === canonicalJson(request.input)) return known;
    throw new StewardError('CONFLICT', `The approval id ${approvalId} stands for another request; use a new id.`, {
      details: { reasonCodes: ['approval_id_taken'] },
    });
  }

  /** True when the same decision was recorded before; throws when another one was. */
  async #settle(caller: Caller, request: RequestRecord, decision: DecisionRecord): Promise<boolean> {
    const { approvalId } = request.input;
    if (await this.#repository.appendDecision(caller.scope, approvalId, decision)) return false;
    const winner = (await this.#repository.get(caller.scope, approvalId))?.decision;
    if (winner !== undefined) assertSameDecision(winner.decision, decision.decision, approvalId);
    return true;
  }

  async #hold(caller: Caller, request: RequestRecord, decision: ApprovalDecision, now: Date): Promise<void> {
    const hold = { decision, decidedBy: caller.userId, createdAt: now.toISOString() };
    await this.#repository.appendHold(caller.scope, request.input.approvalId, hold);
  }

  async #sign(caller: Caller, request: RequestRecord, decision: ApprovalDecision, now: Date): Promise<DecisionRecord> {
    const createdAt = now.toISOString();
    const receipt = await signReceipt(this.#keys, request, {
      decision,
      decidedBy: caller.userId,
      recordedAt: createdAt,
    });
    return { decision, decidedBy: caller.userId, createdAt, receipt };
  }
}

function assertSameDecision(first: ApprovalDecision, second: ApprovalDecision, approvalId: string): void {
  const isSame = first.decision === second.decision && (first.scope ?? 'once') === (second.scope ?? 'once');
  if (isSame) return;
  throw new StewardError(
    'CONFLICT',
    `Approval ${approvalId} was already decided (${first.decision}); the first decision counts.`,
    {
      details: { reasonCodes: ['already_decided'], status: first.decision },
    },
  );
}
