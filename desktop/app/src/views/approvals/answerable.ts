import type { PendingApproval } from '@steward/contracts';
import { text } from '../../text/catalogue.ts';

/** Why this person can't answer here and now, in words; null when they can. */
export function answerable(
  approval: Pick<PendingApproval, 'approverRole'>,
  connection: 'connecting' | 'up' | 'down',
): string | null {
  if (connection !== 'up') return text.composer.reasons.offline;
  return approval.approverRole === 'approver' ? text.approval.approverOnly : null;
}
