import type { ApprovalInput, DecisionRecord, RequestRecord } from '../../src/approvals/approval.ts';

/** The moment that most tests happen at. */
export const now = new Date('2026-02-21T15:04:22.000Z');

/** ISO time some seconds after `now`. */
export const at = (seconds: number): string => new Date(now.getTime() + seconds * 1000).toISOString();

let count = 0;
const nextId = (prefix: string): string => `${prefix}_${String(++count).padStart(26, '0')}`;

export const sessionId = 'sess_01JMZ5Z4Z5Z4Z5Z4Z5Z4Z5Z4Z5';
export const actionDigest = `sha256:${'a'.repeat(64)}`;

/** A well-formed request with an id of its own. */
export function makeInput(changes: Partial<ApprovalInput> = {}): ApprovalInput {
  return {
    approvalId: nextId('appr'),
    sessionId,
    taskId: 'task_01JMZ5Z4Z5Z4Z5Z4Z5Z4Z5Z4Z5',
    stepId: 'step_01JMZ5Z4Z5Z4Z5Z4Z5Z4Z5Z4Z5',
    title: 'Run npm test',
    actionSummary: 'npm test in /home/alice/project',
    riskLevel: 'medium',
    reasonCodes: ['capability_requires_approval'],
    details: { toolName: 'RunCommand', arguments: { command: 'npm test' } },
    actionDigest,
    expiresAt: at(300),
    ...changes,
  };
}

/** A request record of alice in acme. */
export function makeRequest(
  changes: Partial<Omit<RequestRecord, 'input'>> = {},
  input: Partial<ApprovalInput> = {},
): RequestRecord {
  const { decision: _decision, ...facts } = makeInput(input);
  return { tenantId: 'acme', userId: 'alice', createdAt: at(0), input: facts, ...changes };
}

/** A decision record made by alice. */
export function makeDecision(decision: DecisionRecord['decision']['decision'], seconds = 10): DecisionRecord {
  const receipt = decision === 'held' ? {} : { receipt: 'header.payload.signature' };
  return { decision: { decision, decidedAt: at(seconds) }, decidedBy: 'alice', createdAt: at(seconds), ...receipt };
}
