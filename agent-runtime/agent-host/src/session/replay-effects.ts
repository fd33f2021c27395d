import type { ToolRouter } from '@steward/tool-port';
import type { EffectRecord } from './session-state.ts';
import type { SessionStore } from './session-store.ts';

/**
 * Tells the tools again what is known of finished effects, so that the patch preview is complete and nothing more.
 * @param effects of the store, where they were read already
 */
export function replayEffects(
  store: SessionStore,
  { patch }: Pick<ToolRouter, 'patch'>,
  effects: readonly EffectRecord[] = store.effects(),
): void {
  for (const { taskId, intent, proof } of effects)
    if (proof !== undefined && proof !== 'not_done') patch.record(taskId, intent, proof);
  for (const taskId of store.state.acceptedTasks) patch.accept(taskId);
}
