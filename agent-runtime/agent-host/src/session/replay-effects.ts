import type { ToolRouter } from '../ports.ts';
import type { SessionState } from './session-state.ts';

/** Tells the tools again what is known of finished effects, so that the patch preview is complete and nothing more. */
export function replayEffects({ effects, acceptedTasks }: SessionState, { patch }: Pick<ToolRouter, 'patch'>): void {
  for (const { taskId, intent, proof } of effects.values())
    if (proof !== undefined && proof !== 'not_done') patch.record(taskId, intent, proof);
  for (const taskId of acceptedTasks) patch.accept(taskId);
}
