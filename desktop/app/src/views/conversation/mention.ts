/** An @ and the letters after it that the caret stands in. */
export interface Mention {
  readonly start: number;
  readonly end: number;
  readonly query: string;
}

/** The mention at the caret; null when the caret is not in one. */
export function mentionAt(draft: string, caret: number): Mention | null {
  const match = /(?:^|\s)@([^\s@]*)$/.exec(draft.slice(0, caret));
  if (!match) return null;
  const query = match[1] ?? '';
  return { start: caret - query.length - 1, end: caret, query };
}

/** The draft with the mention replaced by a file, and where the caret goes. */
export function insertMention(
  draft: string,
  mention: Mention,
  path: string,
): { readonly text: string; readonly caret: number } {
  const inserted = `@${path} `;
  return {
    text: draft.slice(0, mention.start) + inserted + draft.slice(mention.end).replace(/^ /, ''),
    caret: mention.start + inserted.length,
  };
}
