/**
 * Cuts Markdown into blocks that never change while more text arrives at the end, so that only the last one is
 * parsed again. Joining the blocks gives the text back. A text with link definitions stays whole, since they
 * reach across blocks.
 */
export function splitMarkdown(source: string): readonly string[] {
  if (/^ {0,3}\[[^\]]+\]:\s/m.test(source)) return [source];
  const blocks: string[] = [];
  let current = '';
  let fence: string | null = null;
  let afterBlank = false;
  for (const line of source.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const marker = /^ {0,3}(`{3,}|~{3,})(.*)/.exec(line);
    const blank = line.trim() === '';
    const startsBlock = afterBlank && fence === null && !blank && !continuesBlock(line, current);
    if (startsBlock) {
      blocks.push(current);
      current = '';
    }
    current += line;
    if (marker && fence === null) fence = marker[1] ?? null;
    else if (marker && fence !== null && closes(fence, marker[1] ?? '', marker[2] ?? '')) fence = null;
    afterBlank = blank && fence === null;
  }
  if (current !== '') blocks.push(current);
  return blocks;
}

function closes(fence: string, marker: string, rest: string): boolean {
  return marker.charAt(0) === fence.charAt(0) && marker.length >= fence.length && rest.trim() === '';
}

// Indented lines belong to the list item before them, and a list goes on over blank lines.
function continuesBlock(line: string, block: string): boolean {
  if (/^[ \t]/.test(line)) return true;
  const list = /^(?:[-*+]|\d{1,9}[.)])\s/;
  return list.test(line) && list.test(block);
}
