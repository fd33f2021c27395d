import { findSecrets, withoutOverlaps, type FoundSecret } from './find-secrets.ts';

/** Tells what has to be taken out of a text, in order and without overlaps. */
export type SecretFinder = (text: string) => FoundSecret[];

/** What a finder looks for. */
export interface FinderOptions {
  /** Exact texts and what to call them. */
  readonly literals: readonly { readonly text: string; readonly kind: string }[];
  /** Whether the detectors look too. */
  readonly detect: boolean;
}

/** Makes a finder of exact texts and, where asked, of everything that looks like a secret. */
export function createSecretFinder({ literals, detect }: FinderOptions): SecretFinder {
  const exact = literals.filter(({ text }) => text !== '');
  return (text) => {
    const found = exact.flatMap(({ text: literal, kind }) => {
      const places: FoundSecret[] = [];
      for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + literal.length))
        places.push({ start: at, end: at + literal.length, kind });
      return places;
    });
    const detected = detect ? findSecrets(text) : [];
    return found.length === 0 ? detected : withoutOverlaps([...found, ...detected]);
  };
}

/** What stands in the place of something that was taken out. */
export function redactionMarker(kind: string): string {
  return `[redacted: ${kind}]`;
}

/** Such markers in a text, in order. */
export function redactionMarkers(text: string): string[] {
  return text.match(/\[redacted: [^\]\r\n]{1,100}\]/g) ?? [];
}

/** The text with a marker in the place of each finding. */
export function replaceFound(text: string, found: readonly FoundSecret[]): string {
  if (found.length === 0) return text;
  let result = '';
  let at = 0;
  for (const { start, end, kind } of found) {
    result += text.slice(at, start) + redactionMarker(kind);
    at = end;
  }
  return result + text.slice(at);
}
