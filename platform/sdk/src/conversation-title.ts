const titleChars = 80;
const shortestCut = 40;

/**
 * A conversation's title from its first prompt: the first line with text, without the marks of Markdown that a title
 * does not render, cut at a word and at most 80 characters. Empty for a prompt without text. Pure.
 */
export function conversationTitle(prompt: string): string {
  const line = prompt.split('\n').find((candidate) => plain(candidate) !== '');
  const title = plain(line ?? '');
  if (title.length <= titleChars) return title;
  const cut = title.slice(0, titleChars - 1);
  const atWord = cut.lastIndexOf(' ');
  return `${cut.slice(0, atWord > shortestCut ? atWord : undefined).trimEnd()}…`;
}

/** Fences, headings and list marks at the beginning, and the marks around code and strong text, are not words. */
function plain(line: string): string {
  return line
    .replace(/^\s*(?:```\S*|#{1,6}\s|[-*>]\s)/, '')
    .replace(/`([^`]*)`|\*\*([^*]+)\*\*/g, (_match, code?: string, strong?: string) => code ?? strong ?? '')
    .replace(/\s+/g, ' ')
    .trim();
}
