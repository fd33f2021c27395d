import { closeSync } from 'node:fs';
import type { PatchFile, RevertFileResult } from '@steward/contracts';
import type { ContentHash, EffectIntent, EffectOutcome, FileReturn, PatchTracker } from '@steward/tool-port';
import { everywhere } from '../files/change.ts';
import { hashOfHandle, type ContentStore } from '../files/content-store.ts';
import { openForReading } from '../files/guarded-open.ts';
import { readBounded } from '../files/read-bounded.ts';
import { absolutePath, displayPath } from '../files/resolve.ts';
import { classify } from '../files/text.ts';
import { unifiedDiff } from '../files/unified-diff.ts';
import { firstPreImages, putBack, stateOf } from './file-return.ts';
import { systemCodeOf, toToolError } from '../problem.ts';

/** What is known of one changed file. */
interface Change {
  readonly target: string;
  /** Content before the first change of the task. */
  readonly before: ContentHash;
  readonly mode?: number;
  /** Content after the last change; undefined when it can't be known. */
  readonly after?: ContentHash;
}

/** Where the tracker finds files and their earlier content. */
export interface PatchTrackerDeps {
  readonly store: ContentStore;
  readonly projectDir?: string;
  readonly homeDir: string;
  /** Files above this are named and not drawn. */
  readonly maxDiffBytes: number;
}

/** Keeps, per task, the first pre-image of each file; everything else is compared with the disk when it is asked for. */
export class TaskPatchTracker implements PatchTracker {
  readonly #deps: PatchTrackerDeps;
  readonly #tasks = new Map<string, Map<string, Change>>();

  constructor(deps: PatchTrackerDeps) {
    this.#deps = deps;
  }

  record(taskId: string, intent: EffectIntent, outcome: EffectOutcome): void {
    const { target, preImageHash, expectedHash, mode } = intent;
    if (outcome === 'not_done' || target === undefined || preImageHash === undefined) return;
    const changes = this.#tasks.get(taskId) ?? new Map<string, Change>();
    this.#tasks.set(taskId, changes);
    const first = changes.get(target);
    const before = first?.before ?? preImageHash;
    const keptMode = first === undefined ? mode : first.mode;
    const after = outcome === 'done' ? expectedHash : undefined;
    changes.set(target, {
      target,
      before,
      ...(keptMode === undefined ? {} : { mode: keptMode }),
      ...(after === undefined ? {} : { after }),
    });
  }

  async preview(taskId: string): Promise<PatchFile[]> {
    const files: PatchFile[] = [];
    for (const change of this.#changesOf(taskId)) {
      const file = await this.#fileOf(change);
      if (file !== undefined) files.push(file);
    }
    return files.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  revert(taskId: string, path?: string, force = false): Promise<RevertFileResult> {
    const wanted = path === undefined ? undefined : absolutePath(path, this.#deps);
    const changes = this.#changesOf(taskId).filter((change) => wanted === undefined || change.target === wanted);
    const result: RevertFileResult = { reverted: [], refused: [] };
    if (path !== undefined && changes.length === 0)
      result.refused.push({ path, reason: 'This task did not change the file.' });
    for (const change of changes) {
      const shown = displayPath(change.target, this.#deps.projectDir);
      const reason = this.#tryRevert(change, force);
      if (reason === undefined) result.reverted.push(shown);
      else result.refused.push({ path: shown, reason });
    }
    return Promise.resolve(result);
  }

  accept(taskId: string): void {
    this.#tasks.delete(taskId);
  }

  planReturn(effects: readonly EffectIntent[]): Promise<{ returns: FileReturn[]; rest: EffectIntent[] }> {
    const { files, rest } = firstPreImages(effects);
    const returns = files.map((file): FileReturn => {
      const kept = file.to === 'absent' || this.#deps.store.has(file.to);
      return {
        ...file,
        path: displayPath(file.target, this.#deps.projectDir),
        ...stateOf(file, this.#currentHashOrNothing(file.target), kept),
      };
    });
    return Promise.resolve({ returns: returns.sort((a, b) => (a.path < b.path ? -1 : 1)), rest });
  }

  giveBack(file: FileReturn, force: boolean): Promise<string | undefined> {
    return Promise.resolve(this.#tryPutBack(file, force));
  }

  forget(): void {
    this.#tasks.clear();
  }

  #changesOf(taskId: string): Change[] {
    return [...(this.#tasks.get(taskId)?.values() ?? [])];
  }

  #tryRevert({ target, before, after, mode }: Change, force: boolean): string | undefined {
    const file = {
      target,
      to: before,
      ...(after === undefined ? {} : { from: after }),
      ...(mode === undefined ? {} : { mode }),
    };
    return this.#tryPutBack(file, force);
  }

  #tryPutBack(file: Parameters<typeof putBack>[0], force: boolean): string | undefined {
    try {
      return putBack(file, currentHash(file.target), this.#deps.store, force);
    } catch (error) {
      return toToolError(error).message;
    }
  }

  async #fileOf(change: Change): Promise<PatchFile | undefined> {
    const shown = displayPath(change.target, this.#deps.projectDir);
    const base = { path: shown, absolutePath: change.target };
    const now = this.#currentHashOrNothing(change.target);
    if (now === change.before) {
      // Created and removed again, or written as it was: there is nothing to show.
      if (change.after === change.before) return undefined;
      return { ...base, status: 'reverted', additions: 0, deletions: 0, binary: false, diff: '' };
    }
    const changedSince = change.after === undefined || now !== change.after;
    const status = change.before === 'absent' ? 'added' : now === 'absent' ? 'deleted' : 'modified';
    return { ...base, status, ...(await this.#diffOf(shown, change, now)), ...(changedSince ? { changedSince } : {}) };
  }

  async #diffOf(
    shown: string,
    change: Change,
    now: ContentHash | undefined,
  ): Promise<Pick<PatchFile, 'additions' | 'deletions' | 'binary' | 'diff' | 'tooLarge'>> {
    const before = change.before === 'absent' ? undefined : this.#deps.store.read(change.before);
    const after = now === 'absent' || now === undefined ? undefined : tryRead(change.target, this.#deps.maxDiffBytes);
    const isTooLarge =
      after === 'too_large' ||
      (before?.length ?? 0) > this.#deps.maxDiffBytes ||
      (before === undefined && change.before !== 'absent');
    if (isTooLarge) return { additions: 0, deletions: 0, binary: false, tooLarge: true, diff: '' };
    const sides = [before, after].map((bytes) => (bytes === undefined ? undefined : classify(bytes)));
    if (sides.some((side) => side !== undefined && side.kind !== 'text'))
      return { additions: 0, deletions: 0, binary: true, diff: '' };
    const [old, next] = sides.map((side) => (side?.kind === 'text' ? side.text : undefined));
    return { ...(await unifiedDiff(shown, old, next)), binary: false };
  }

  #currentHashOrNothing(target: string): ContentHash | undefined {
    try {
      return currentHash(target);
    } catch {
      return undefined;
    }
  }
}

/** What a file holds now. Throws when it can't be looked at. */
export function currentHash(target: string): ContentHash {
  try {
    const file = openForReading(target, everywhere);
    try {
      // A link that took the file's place leads elsewhere, so the file itself is gone.
      return file.realPath === target ? hashOfHandle(file.fd) : 'absent';
    } finally {
      closeSync(file.fd);
    }
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return 'absent';
    throw error;
  }
}

function tryRead(target: string, maxBytes: number): Buffer | 'too_large' | undefined {
  try {
    return readBounded(target, everywhere, maxBytes).bytes;
  } catch (error) {
    return toToolError(error).code === 'FILE_TOO_LARGE' ? 'too_large' : undefined;
  }
}
