/** A stretch of one line with its syntax class; empty for plain text. */
export interface Token {
  readonly text: string;
  readonly className: string;
}

interface TreeNode {
  readonly type: string;
  readonly value?: string;
  readonly properties?: { readonly className?: unknown };
  readonly children?: readonly TreeNode[];
}

/** Turns a highlighter's tree into lines of tokens. The text of all lines joined by line breaks is the source. */
export function linesOfTokens(tree: TreeNode): readonly (readonly Token[])[] {
  const lines: Token[][] = [[]];
  const walk = (node: TreeNode, className: string): void => {
    if (node.type === 'text') {
      (node.value ?? '').split('\n').forEach((part, index) => {
        if (index > 0) lines.push([]);
        if (part !== '') lines.at(-1)?.push({ text: part, className });
      });
      return;
    }
    const own = node.properties?.className;
    const inner = Array.isArray(own) ? own.map(String).join(' ') : className;
    for (const child of node.children ?? []) walk(child, inner);
  };
  walk(tree, '');
  return lines;
}

/** A stretch of a line that is marked, from start to end exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Cuts tokens at the borders of marked ranges; each piece says whether it is marked. Ranges are sorted and apart. */
export function markTokens(
  tokens: readonly Token[],
  ranges: readonly Range[],
): readonly (Token & { readonly marked: boolean })[] {
  const pieces: (Token & { marked: boolean })[] = [];
  let position = 0;
  for (const token of tokens) {
    const end = position + token.text.length;
    let from = position;
    while (from < end) {
      const inside = ranges.find((range) => range.start <= from && from < range.end);
      const next = ranges.find((range) => range.start > from);
      const until = Math.min(end, inside ? inside.end : (next?.start ?? end));
      pieces.push({
        text: token.text.slice(from - position, until - position),
        className: token.className,
        marked: inside !== undefined,
      });
      from = until;
    }
    position = end;
  }
  return pieces;
}
