import type { ContentHash, EffectIntent, FileReturn, ToolWalls } from '@steward/tool-port';
import { removeFile, writeAtomically } from '../files/atomic-write.ts';
import { preImageOf } from '../files/change.ts';
import type { ContentStore } from '../files/content-store.ts';

/**
 * How files return to what they held before the first of some effects: one entry per file, from its first pre-image,
 * without a look at the disk. Effects on no file are handed back. Pure.
 */
export function firstPreImages(effects: readonly EffectIntent[]): {
  readonly files: readonly {
    readonly target: string;
    readonly to: ContentHash;
    readonly from?: ContentHash;
    readonly mode?: number;
  }[];
  readonly rest: EffectIntent[];
} {
  const files = new Map<string, { target: string; to: ContentHash; from?: ContentHash; mode?: number }>();
  const rest: EffectIntent[] = [];
  for (const effect of effects) {
    const { target, preImageHash, expectedHash, mode } = effect;
    if (target === undefined || preImageHash === undefined) {
      rest.push(effect);
      continue;
    }
    const { from: _earlier, ...first } = files.get(target) ?? {
      target,
      to: preImageHash,
      ...(mode === undefined ? {} : { mode }),
    };
    files.set(target, { ...first, ...(expectedHash === undefined ? {} : { from: expectedHash }) });
  }
  return { files: [...files.values()], rest };
}

/** What a return means for a file that holds `now`. Pure. */
export function stateOf(
  file: { readonly to: ContentHash; readonly from?: ContentHash },
  now: ContentHash | undefined,
  kept: boolean,
): Pick<FileReturn, 'action' | 'state'> {
  const action = file.to === 'absent' ? 'remove' : now === 'absent' ? 'recreate' : 'restore';
  if (now === file.to) return { action, state: 'already' };
  if (!kept) return { action, state: 'content_gone' };
  return { action, state: now !== undefined && now === file.from ? 'ready' : 'changed_since' };
}

/**
 * Puts one file back, from the store; what it holds now is kept there first, so that nothing is ever lost for good.
 * Gives the reason when it does not. Throws what the disk throws.
 */
export function putBack(
  file: { readonly target: string; readonly to: ContentHash; readonly from?: ContentHash; readonly mode?: number },
  now: ContentHash,
  store: ContentStore,
  force: boolean,
): string | undefined {
  if (now === file.to) return undefined;
  if (now !== file.from && !force)
    return 'The file was changed by someone else since. Look at it first; revert it anyway to lose that change.';
  const before = file.to === 'absent' ? undefined : store.read(file.to);
  if (file.to !== 'absent' && before === undefined) return 'The earlier content is no longer kept.';
  if (now !== 'absent') preImageOf(file.target, store);
  const onlyTarget: Pick<ToolWalls, 'checkPath'> = { checkPath: (_, realPath) => realPath === file.target };
  if (before !== undefined) writeAtomically(file.target, before, onlyTarget, file.mode);
  else if (now !== 'absent') removeFile(file.target, onlyTarget);
  return undefined;
}
