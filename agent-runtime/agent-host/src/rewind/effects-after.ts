import type { ConversationMessage } from '@steward/contracts';
import type { EffectRecord } from '../session/session-state.ts';

/**
 * The effects that belong to no step among the kept messages, in the order in which they were done. Effects that are
 * proved not to have happened are left out. Pure.
 */
export function effectsAfter(
  effects: Iterable<EffectRecord>,
  kept: readonly ConversationMessage[],
): readonly EffectRecord[] {
  const keptSteps = new Set(kept.map(({ stepId }) => stepId));
  return [...effects].filter(({ stepId, proof }) => !keptSteps.has(stepId) && proof !== 'not_done');
}
