/** The line ending of a text: `\r\n` when every line ends so, `\n` otherwise. */
export type LineEnding = '\n' | '\r\n';

/** Content of a text file, or what it is instead. */
export type FileContent =
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly bom: boolean;
      readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be';
    }
  | { readonly kind: 'image'; readonly contentType: string }
  | { readonly kind: 'binary' };

/** Tells text from images and other binary content, by its bytes alone. */
export function classify(bytes: Buffer): FileContent {
  const image = imageTypeOf(bytes);
  if (image !== undefined) return { kind: 'image', contentType: image };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decode(bytes.subarray(2), 'utf-16le', true);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decode(bytes.subarray(2), 'utf-16be', true);
  if (bytes.subarray(0, 8192).includes(0)) return { kind: 'binary' };
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return decode(bom ? bytes.subarray(3) : bytes, 'utf-8', bom);
}

function decode(bytes: Buffer, encoding: 'utf-8' | 'utf-16le' | 'utf-16be', bom: boolean): FileContent {
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? { kind: 'binary' } : { kind: 'text', text, bom, encoding };
  } catch {
    return { kind: 'binary' };
  }
}

function imageTypeOf(bytes: Buffer): string | undefined {
  if (bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))) return 'image/png';
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
  const head = bytes.subarray(0, 12).toString('latin1');
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'image/gif';
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) return 'image/webp';
  return undefined;
}

/** The line ending to keep when a text is changed. */
export function lineEndingOf(text: string): LineEnding {
  const first = text.indexOf('\n');
  if (first < 0) return '\n';
  for (let at = first; at >= 0; at = text.indexOf('\n', at + 1)) if (text[at - 1] !== '\r') return '\n';
  return '\r\n';
}

/** Gives a text the file's line endings; a text that brings its own `\r\n` keeps them. */
export function withLineEnding(text: string, ending: LineEnding): string {
  return ending === '\r\n' && !text.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text;
}

/** Lines with their endings; a last line without ending counts, an empty text has none. */
export function linesOf(text: string): string[] {
  const parts = text.split('\n');
  const last = parts.pop()!;
  const lines = parts.map((line) => `${line}\n`);
  return last === '' ? lines : [...lines, last];
}

/** Bytes in words. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
