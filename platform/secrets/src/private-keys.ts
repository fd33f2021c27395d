/** A private key in PEM form. */
export interface FoundKey {
  readonly start: number;
  readonly end: number;
}

const begin = '-----BEGIN ';
const beginLine = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const endLine = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const keyLines = /(?:\s*[A-Za-z0-9+/]{16,}={0,2})*/y;
const longestKey = 20_000;

/**
 * Private keys in a text. One whose end is missing is taken as far as it looks like a key: half a key that was cut off
 * is still no business of a prompt. Each character is looked at a fixed number of times.
 */
export function findPrivateKeys(text: string): FoundKey[] {
  const found: FoundKey[] = [];
  let nextEnd = 0;
  for (let at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at + begin.length)) {
    const head = matchAt(beginLine, text, at);
    if (head === undefined) continue;
    const following = text.indexOf(begin, head);
    while (nextEnd >= 0 && nextEnd < head) nextEnd = text.indexOf('-----END ', nextEnd === 0 ? head : nextEnd + 9);
    const isClosed = nextEnd >= 0 && nextEnd - head <= longestKey && (following < 0 || nextEnd < following);
    const tail = isClosed ? matchAt(endLine, text, nextEnd) : undefined;
    const end = tail ?? matchAt(keyLines, text, head) ?? head;
    // The line alone is a word in a text about keys.
    if (end > head) found.push({ start: at, end });
  }
  return found;
}

/** Where a match that begins exactly there ends. */
function matchAt(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
