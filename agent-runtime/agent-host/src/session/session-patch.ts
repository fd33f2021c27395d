import type { PatchFile, PatchPreview, RevertFileParams, RevertFileResult } from '@steward/contracts';
import { StewardError, canonicalJson } from '@steward/sdk';
import type { LiveSessionParts } from './live-session-parts.ts';
import { isRunning } from './session-state.ts';

type Deps = Pick<LiveSessionParts, 'store' | 'tools'>;

/** One changed file as events tell it: without its diff. */
export interface FileChange {
  readonly path: string;
  readonly status: string;
  readonly additions: number;
  readonly deletions: number;
}

/** Pure. */
export const changeOf = ({ path, status, additions, deletions }: PatchFile): FileChange => ({
  path,
  status,
  additions,
  deletions,
});

/** What a task changed, the present one unless another is named; no files where there is no task. */
export async function previewPatch({ store, tools }: Deps, taskId = store.state.task?.taskId): Promise<PatchPreview> {
  if (taskId === undefined) return { taskId: null, files: [] };
  return { taskId, files: await tools.patch.preview(taskId) };
}

/**
 * Gives files of a task back what they held before it; on the disk when it resolves.
 * @throws CONFLICT while a task works
 */
export async function revertPatch(
  { store, tools }: Deps,
  { taskId = store.state.task?.taskId, path, force }: RevertFileParams,
): Promise<RevertFileResult> {
  if (taskId === undefined) return { reverted: [], refused: [] };
  if (isRunning(store.state.task) && store.state.pause === undefined) {
    throw new StewardError('CONFLICT', 'A task is still running. Wait for its end or cancel it, then revert.');
  }
  const before = await tools.patch.preview(taskId);
  const result = await tools.patch.revert(taskId, path, force);
  const files = await tools.patch.preview(taskId);
  // A repeated call changes nothing, so there is nothing to tell the other clients.
  if (canonicalJson(files) === canonicalJson(before)) return result;
  store.emit('patch_updated', { files: files.map(changeOf) }, { taskId });
  await store.sync();
  return result;
}

/** Keeps what a task changed: its pre-images are given up. Once per task. */
export async function acceptPatch({ store, tools }: Deps, taskId = store.state.task?.taskId): Promise<void> {
  if (taskId === undefined || store.state.acceptedTasks.has(taskId)) return;
  tools.patch.accept(taskId);
  store.record('ended', { acceptedTaskId: taskId });
  store.emit('patch_updated', { files: [] }, { taskId });
  await store.sync();
}
