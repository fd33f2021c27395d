import type { PatchFile, RevertFileResult } from '@steward/contracts';

/** A content hash, or the word for a file that does not exist. */
export type ContentHash = `sha256:${string}` | 'absent';

/** What is known of an effect before it happens; plain JSON, written down before the call runs. */
export interface EffectIntent {
  readonly toolCallId: string;
  readonly taskId: string;
  readonly toolName: string;
  /** Real path of the file that will change. */
  readonly target?: string;
  readonly preImageHash?: ContentHash;
  /** What the file will hold afterwards; absent when it can't be known. */
  readonly expectedHash?: ContentHash;
  /** Permission bits of the file before. */
  readonly mode?: number;
}

/** How an effect ended, as far as it can be told. */
export type EffectOutcome = 'done' | 'not_done' | 'unknown';

/** One file on its way back to what it held at a checkpoint; plain JSON that the host keeps and does not look into. */
export interface FileReturn {
  /** As shown to a person. */
  readonly path: string;
  readonly target: string;
  readonly action: 'restore' | 'recreate' | 'remove';
  readonly state: 'ready' | 'already' | 'changed_since' | 'content_gone';
  readonly to: ContentHash;
  /** What the last of our changes left; absent when it can't be known. */
  readonly from?: ContentHash;
  readonly mode?: number;
}

/** Files that tasks changed, against what they held before the task. Rebuilt by replaying `record` and `accept`. */
export interface PatchTracker {
  record(taskId: string, intent: EffectIntent, outcome: EffectOutcome): void;
  /** Sorted by path. */
  preview(taskId: string): Promise<PatchFile[]>;
  revert(taskId: string, path?: string, force?: boolean): Promise<RevertFileResult>;
  accept(taskId: string): void;
  /** How files return to what they held before the first of these effects; `rest` are effects on no file. */
  planReturn(
    effects: readonly EffectIntent[],
  ): Promise<{ readonly returns: readonly FileReturn[]; readonly rest: readonly EffectIntent[] }>;
  /** Lets one file return; says why it did not. Safe to repeat; a file that was changed by someone else only by force. */
  giveBack(file: FileReturn, force: boolean): Promise<string | undefined>;
  /** Forgets every change, before what is left is recorded again. */
  forget(): void;
}
