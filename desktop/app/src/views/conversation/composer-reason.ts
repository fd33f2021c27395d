import type { Conversation } from '@steward/desktop-host/contract';
import { text } from '../../text/catalogue.ts';

/** Why nothing can be sent now, in words; null when it can. */
export function blockedReason(facts: {
  readonly connection: 'connecting' | 'up' | 'down';
  readonly conversation: Pick<Conversation, 'runtime' | 'interruption' | 'pause'> | null;
  readonly running: boolean;
  readonly ended: 'completed' | 'failed' | 'cancelled' | null;
}): string | null {
  const { reasons } = text.composer;
  if (facts.connection !== 'up') return reasons.offline;
  if (facts.conversation === null || facts.ended !== null) return reasons.ended;
  if (facts.conversation.interruption !== null || facts.conversation.runtime === 'crashed') return reasons.interrupted;
  if (facts.conversation.runtime === 'starting') return reasons.starting;
  if (facts.conversation.runtime === 'stopped') return reasons.ended;
  if (facts.conversation.pause !== null) return reasons.paused;
  return facts.running ? reasons.running : null;
}
