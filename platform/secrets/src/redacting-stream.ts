import { replaceFound, type SecretFinder } from './redact.ts';

/** Longest piece that is held back for its end; a line or a key that is longer is redacted in parts. */
const longestHeld = 32_768;
/** Characters that stay held when a long line is let go, so that a secret across the cut is still whole. */
const overlap = 4_096;

/**
 * Redacts text that comes in pieces. Whole lines leave at once; the last, unfinished line and an unfinished key are held
 * back, so that it makes no difference where the pieces are cut. Not to be shared between texts.
 */
export class RedactingStream {
  readonly #find: SecretFinder;
  #held = '';
  #isWaitingForLine = false;

  /** @param find tells what has to be taken out of a text */
  constructor(find: SecretFinder) {
    this.#find = find;
  }

  /** Takes the next piece; returns what may be shown now. */
  push(piece: string): string {
    this.#held += piece;
    // Nothing new ends a line, and looking again at what was seen would take longer with every piece.
    if (this.#held.length <= longestHeld && this.#isWaitingForLine && !/[\r\n]/.test(piece)) return '';
    const cut = this.#cutAt();
    this.#isWaitingForLine = cut === 0;
    return cut === 0 ? '' : this.#release(cut);
  }

  /** The rest, when no more pieces come. */
  end(): string {
    return this.#release(this.#held.length);
  }

  #release(upTo: number): string {
    const found = this.#find(this.#held);
    // What reaches across the cut stays whole and waits, unless it fills everything that may be held.
    const across = found.find(({ start, end }) => start < upTo && end > upTo);
    const cut = across === undefined ? upTo : across.start > 0 ? across.start : across.end;
    const out = replaceFound(
      this.#held.slice(0, cut),
      found.filter(({ end }) => end <= cut),
    );
    this.#held = this.#held.slice(cut);
    return out;
  }

  /** Up to where the held text can be judged. */
  #cutAt(): number {
    const held = this.#held;
    const lines = lineEnd(held);
    if (held.length > longestHeld) return Math.max(lines, held.length - overlap);
    const key = held.lastIndexOf('-----BEGIN ');
    if (key < 0 || key >= lines || !/^-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/.test(held.slice(key, key + 80)))
      return lines;
    // An unfinished key waits for its end, with everything behind it.
    return /-----END [A-Z0-9 ]{0,40}PRIVATE KEY/.test(held.slice(key, lines)) ? lines : lineEnd(held.slice(0, key));
  }
}

function lineEnd(text: string): number {
  return Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
}
