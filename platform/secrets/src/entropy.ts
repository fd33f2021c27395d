const placeholder = /example|sample|dummy|changeme|placeholder|your[-_]|xxxx|redacted|0123456789|123456789|abcdef/i;
const shortest = 12;
/** Bits per character; words and identifiers stay below, random keys of this length above. */
const enoughBits = 3.3;

/** Whether a text has the look of a random key: letters and digits mixed, spread evenly, and no placeholder. */
export function isRandomLooking(text: string): boolean {
  if (text.length < shortest || placeholder.test(text)) return false;
  const digits = countOf(text, /[0-9]/g);
  const letters = countOf(text, /[A-Za-z]/g);
  if (digits < 2 || letters < 3) return false;
  // Paths, addresses, calls and versions are names of things.
  if (/^(?:\.{0,2}\/|https?:|\$|process\.|[A-Za-z_$][\w$]*\.[A-Za-z_$][\w$.]*$)|[()[\]]/.test(text)) return false;
  return bitsPerCharacter(text) >= enoughBits;
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** Shannon's entropy of the characters of a text. */
function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
