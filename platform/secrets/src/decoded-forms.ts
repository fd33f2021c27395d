/** Text of which less is decoded again; what hides in more has to be spread over several messages. */
const mostDecoded = 1_000_000;
const base64Run = /[A-Za-z0-9+/_-]{20,}={0,2}/g;
const hexRun = /(?:[0-9A-Fa-f]{2}){16,}/g;
const percentCode = /%[0-9A-Fa-f]{2}/g;
const unicodeCode = /\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}/g;

/**
 * The text in the forms that programs read as the same: with URL and JSON escapes resolved, with zero bytes and the
 * breaks of wrapped lines taken out, and what stands in it as Base64 or hexadecimal digits. A secret that is sent is
 * given away in any of them. Empty for most texts; takes time in proportion to the text.
 */
export function decodedForms(text: string): string[] {
  const forms = new Set<string>();
  if (text.includes('%'))
    // Every escaped byte on its own: a text that is only partly well-formed still gives its secrets away.
    forms.add(text.replaceAll(percentCode, (code) => String.fromCharCode(parseInt(code.slice(1), 16))));
  if (text.includes('\\'))
    forms.add(text.replaceAll(unicodeCode, (code) => String.fromCharCode(parseInt(code.slice(2), 16))));
  if (text.includes('\0')) forms.add(text.replaceAll('\0', ''));
  for (const form of [text, ...forms]) {
    const runs = runsOf(form);
    if (runs !== '') forms.add(runs);
  }
  forms.delete(text);
  return [...forms];
}

function runsOf(text: string): string {
  const found: string[] = [];
  let left = mostDecoded;
  const take = (run: string, encoding: 'base64' | 'hex'): void => {
    if (left <= 0) return;
    const decoded = Buffer.from(run.slice(0, left * 2), encoding).toString('latin1');
    if (!isPrintable(decoded)) return;
    left -= decoded.length;
    found.push(decoded);
  };
  // Base64 is wrapped at 64 or 76 characters; what is put together wrongly decodes to something unprintable.
  const joined = text.replaceAll(/(?<=[A-Za-z0-9+/=]{60})(?:\r?\n|\\r\\n|\\n)(?=[A-Za-z0-9+/]{4})/g, '');
  for (const [run] of joined.matchAll(base64Run)) take(run, 'base64');
  for (const [run] of text.matchAll(hexRun)) take(run, 'hex');
  return found.join('\n');
}

/** Images, archives and hashes decode to anything but text. */
function isPrintable(text: string): boolean {
  return /^[\t\n\r\x20-\x7e]{12,}$/.test(text);
}
