import type { PendingApproval } from '@steward/contracts';
import type { Conversation } from '@steward/desktop-host/contract';
import { text } from '../../text/catalogue.ts';

/**
 * Why this person can't answer here and now, in words; null when they can. An answer goes to the runtime that asked, so
 * it has to run.
 * @param conversation the one that asks; null when it is not known any more
 */
export function answerable(
  approval: Pick<PendingApproval, 'approverRole'>,
  connection: 'connecting' | 'up' | 'down',
  conversation: Pick<Conversation, 'runtime'> | null,
): string | null {
  if (connection !== 'up') return text.composer.reasons.offline;
  if (approval.approverRole === 'approver') return text.approval.approverOnly;
  if (conversation?.runtime === 'running') return null;
  return conversation?.runtime === 'starting' ? text.composer.reasons.starting : text.approval.notRunning;
}
