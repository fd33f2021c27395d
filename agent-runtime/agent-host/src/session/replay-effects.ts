import type { ToolRouter } from '../ports.ts';
import type { SessionStore } from './session-store.ts';

/** Tells the tools again what is known of finished effects, so that the patch preview is complete and nothing more. */
export function replayEffects(store: SessionStore, { patch }: Pick<ToolRouter, 'patch'>): void {
  for (const { taskId, intent, proof } of store.effects())
    if (proof !== undefined && proof !== 'not_done') patch.record(taskId, intent, proof);
  for (const taskId of store.state.acceptedTasks) patch.accept(taskId);
}
