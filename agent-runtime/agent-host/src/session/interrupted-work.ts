import type { TaskSummary, UnknownEffect } from '@steward/contracts';
import type { ToolRouter } from '@steward/tool-port';
import { isRunning } from './session-state.ts';
import type { SessionState } from './session-state.ts';

/** The task that had not ended when the journal did; undefined when there is none. Pure. */
export function interruptedTaskOf({ task }: SessionState): TaskSummary | undefined {
  if (!isRunning(task)) return undefined;
  const { taskId, status, stepCount, maxSteps, prompt } = task;
  return { taskId, status, stepCount, maxSteps, prompt };
}

/** Effects that were begun and can't be proved; the gate reports each of them once, when it meets the call. */
export async function unknownEffectsOf(
  { effects }: SessionState,
  tools: Pick<ToolRouter, 'reconcile'>,
): Promise<UnknownEffect[]> {
  const open = [...effects.values()].filter(({ proof }) => proof === undefined);
  const proofs = await Promise.all(open.map(({ intent }) => tools.reconcile(intent).catch(() => 'unknown' as const)));
  return open.flatMap(({ toolCallId, toolName }, index) =>
    proofs[index] === 'unknown'
      ? [
          {
            toolCallId,
            toolName,
            description: `The work was interrupted while ${toolName} ran, and whether it took effect can't be proved.`,
          },
        ]
      : [],
  );
}
