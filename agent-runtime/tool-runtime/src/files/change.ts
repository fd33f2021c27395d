import { closeSync } from 'node:fs';
import { StewardError } from '@steward/sdk';
import type { ContentHash, EffectIntent, ToolWalls } from '@steward/tool-port';
import { systemCodeOf } from '../problem.ts';
import type { ContentStore } from './content-store.ts';
import { hashOfHandle } from './content-store.ts';
import { openForReading } from './guarded-open.ts';
import { classify, lineEndingOf, withLineEnding } from './text.ts';

/** For looking at a file whose use has not been decided yet; nothing of it leaves this package but its hash. */
export const everywhere: Pick<ToolWalls, 'checkPath'> = { checkPath: () => true };

/** What a file holds before a change: kept in the store when one is given. Links and folders are refused. */
export function preImageOf(
  realPath: string,
  store: ContentStore | undefined,
): { readonly hash: ContentHash; readonly mode?: number } {
  try {
    const file = openForReading(realPath, everywhere);
    try {
      return {
        hash: store === undefined ? hashOfHandle(file.fd) : store.putFromHandle(file.fd),
        mode: file.stats.mode & 0o7777,
      };
    } finally {
      closeSync(file.fd);
    }
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return { hash: 'absent' };
    throw error;
  }
}

/** Refuses when the file is no longer what the intent was made for. */
export function assertUnchanged(intent: EffectIntent | undefined, now: ContentHash): void {
  if (intent?.preImageHash === undefined || intent.preImageHash === now) return;
  throw new StewardError(
    'CONFLICT',
    `${intent.target ?? 'The file'} was changed by someone else since this action was prepared. Read it again first.`,
  );
}

/** The bytes that a whole new text becomes on disk: line endings and byte order mark of the old file are kept. */
export function encodeReplacement(text: string, before: Buffer | undefined): Buffer {
  const old = before === undefined ? undefined : classify(before);
  if (old?.kind !== 'text' || old.encoding !== 'utf-8') return Buffer.from(text, 'utf8');
  const body = withLineEnding(text, lineEndingOf(old.text));
  return Buffer.from(old.bom && !body.startsWith('\ufeff') ? `\ufeff${body}` : body, 'utf8');
}

/** The bytes after an edit. Throws INVALID_REQUEST unless the old text is there exactly once. */
export function applyEdit(shownPath: string, before: Buffer, oldText: string, newText: string): Buffer {
  const old = classify(before);
  if (old.kind !== 'text' || old.encoding !== 'utf-8')
    throw new StewardError('INVALID_REQUEST', `${shownPath} is not a UTF-8 text file, so it can't be edited as text.`);
  const ending = lineEndingOf(old.text);
  const found = oldText.includes('\r\n') || !oldText.includes('\n') ? oldText : withLineEnding(oldText, ending);
  const count = countOf(old.text, found);
  if (count === 0)
    throw new StewardError(
      'INVALID_REQUEST',
      `oldText does not occur in ${shownPath}. Read the file and copy the text exactly, with its white space.`,
    );
  if (count > 1)
    throw new StewardError(
      'INVALID_REQUEST',
      `oldText occurs ${count === 2 ? 'twice' : 'more than twice'} in ${shownPath}. Add lines around it until it is unique.`,
    );
  const at = old.text.indexOf(found);
  const after = old.text.slice(0, at) + withLineEnding(newText, ending) + old.text.slice(at + found.length);
  return Buffer.from(old.bom ? `\ufeff${after}` : after, 'utf8');
}

function countOf(text: string, part: string): number {
  let count = 0;
  // Overlapping places count too: which of them is meant would be a guess.
  for (let at = text.indexOf(part); at >= 0 && count < 3; at = text.indexOf(part, at + 1)) count++;
  return count;
}
