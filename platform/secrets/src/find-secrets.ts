import { libraryFindings } from './library-rules.ts';
import { ownRules } from './own-rules.ts';
import { findPrivateKeys } from './private-keys.ts';

/** A secret in a text: offsets in UTF-16 units, `end` exclusive, and what kind it is in words. */
export interface FoundSecret {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
}

// Most texts hold no long word and no word for a secret, and one look says so.
const anyHint = /[A-Za-z0-9_+/=-]{16}|PRIVATE KEY|:\/\/[^\s/@]{1,400}@|pass|secret|token|pwd|key/i;

/** Everything in a text that looks like a secret, in order and without overlaps. Takes time in proportion to the text. */
export function findSecrets(text: string): FoundSecret[] {
  if (!anyHint.test(text)) return [];
  const found: FoundSecret[] = findPrivateKeys(text).map((key) => ({ ...key, kind: 'private key' }));
  for (const { kind, pattern, accept } of ownRules)
    for (const match of text.matchAll(pattern)) {
      const secret = match[1] ?? match[0];
      if (accept?.(secret) === false) continue;
      const start =
        match.indices?.[1]?.[0] ?? match.index + (match[1] === undefined ? 0 : match[0].lastIndexOf(match[1]));
      found.push({ start, end: start + secret.length, kind });
    }
  found.push(...libraryFindings(text));
  return withoutOverlaps(found);
}

/** Joins what overlaps; the kind is that of the part that begins first, of two the longer one's. */
export function withoutOverlaps(found: readonly FoundSecret[]): FoundSecret[] {
  const joined: FoundSecret[] = [];
  for (const each of [...found].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = joined.at(-1);
    if (last === undefined || each.start >= last.end) joined.push(each);
    else if (each.end > last.end) joined[joined.length - 1] = { ...last, end: each.end };
  }
  return joined;
}
