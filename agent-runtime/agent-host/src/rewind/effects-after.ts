import type { ConversationMessage } from '@steward/contracts';
import type { EffectOutcome } from '../ports.ts';

/**
 * The effects that belong to no step among the kept messages, in the order in which they were done. Effects that are
 * proved not to have happened are left out. Pure.
 */
export function effectsAfter<E extends { readonly stepId: string; readonly proof?: EffectOutcome }>(
  effects: Iterable<E>,
  kept: readonly ConversationMessage[],
): readonly E[] {
  const keptSteps = new Set(kept.map(({ stepId }) => stepId));
  return [...effects].filter(({ stepId, proof }) => !keptSteps.has(stepId) && proof !== 'not_done');
}
