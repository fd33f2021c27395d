import { splitSource } from './source-pieces.ts';

/** The result of {@link renameIdentifier}. */
export interface Renaming {
  readonly content: string;
  /** Places that changed. */
  readonly changes: number;
  /** Places that carry the name but belong to something else, such as a method of another object. */
  readonly leftAlone: number;
}

const TEST_TITLE_FOLLOWS = /(?<![.\w$])(?:describe|suite|test|it)(?:\.\w+)?\(\s*$/;

/**
 * Renames a function in JavaScript or TypeScript source. Whole identifiers only: longer names, strings, and methods of
 * other objects (`set.add`) stay; members of imported or required relative modules follow. Comments follow where they
 * clearly name the function (`add(`, backticks, `@link`), a test title where it is exactly the name.
 */
export function renameIdentifier(source: string, from: string, to: string): Renaming {
  const whole = wholeIdentifier(from);
  const namespaces = moduleNamespaces(source);
  const commonJs = /\bmodule\.exports\b|\bexports\.|\brequire\s*\(/.test(source);
  let changes = 0;
  let leftAlone = 0;
  let before = '';

  const rename = (text: string, pattern: RegExp, ours: (start: number) => boolean): string =>
    text.replace(pattern, (match: string, ...groups: unknown[]) => {
      const start = groups.find((group) => typeof group === 'number') as number;
      if (!ours(start)) {
        leftAlone += 1;
        return match;
      }
      changes += 1;
      return match.replace(from, () => to);
    });

  const parts = splitSource(source).map((piece) => {
    let text = piece.text;
    if (piece.kind === 'code') {
      text = rename(text, whole, (start) =>
        namesTheFunction(before + piece.text.slice(0, start), piece.text.slice(start + from.length), {
          namespaces,
          commonJs,
        }),
      );
    } else if (piece.kind === 'comment') {
      text = rename(text, mentionInComment(from), () => true);
    } else if (piece.kind === 'string' && piece.text.slice(1, -1) === from && TEST_TITLE_FOLLOWS.test(before)) {
      text = rename(text, whole, () => true);
    }
    // Members and titles are recognised by the last few characters only.
    before = (before + piece.text).slice(-200);
    return text;
  });
  return { content: parts.join(''), changes, leftAlone };
}

/** True when the source uses `name` as an identifier. */
export function usesIdentifier(source: string, name: string): boolean {
  return splitSource(source).some((piece) => piece.kind === 'code' && wholeIdentifier(name).test(piece.text));
}

function namesTheFunction(
  before: string,
  after: string,
  file: { readonly namespaces: ReadonlySet<string>; readonly commonJs: boolean },
): boolean {
  const member = /([A-Za-z_$][\w$]*|[)\]])?\s*(\?\.|(?<!\.)\.)\s*$/.exec(before);
  if (member !== null) return member[1] !== undefined && file.namespaces.has(member[1]);
  const isKey = /^\s*:(?!:)/.test(after) && /[{,]\s*$/.test(before);
  // In CommonJS a key can be the exported or the required name itself.
  return !isKey || file.commonJs;
}

function moduleNamespaces(source: string): Set<string> {
  const names = new Set(['exports']);
  const patterns = [
    /import\s+\*\s+as\s+([\w$]+)\s+from\s+['"]\./g,
    /import\s+([\w$]+)\s*(?:,[^;'"]*)?from\s+['"]\./g,
    /(?:const|let|var)\s+([\w$]+)\s*=\s*require\(\s*['"]\./g,
    /(?:const|let|var)\s+([\w$]+)\s*=\s*await\s+import\(\s*['"]\./g,
  ];
  for (const match of patterns.flatMap((pattern) => [...source.matchAll(pattern)])) names.add(match[1] ?? '');
  return names;
}

function wholeIdentifier(name: string): RegExp {
  return new RegExp(`(?<![\\w$#])${escapeRegExp(name)}(?![\\w$])`, 'g');
}

function mentionInComment(name: string): RegExp {
  const escaped = escapeRegExp(name);
  return new RegExp(`(?<![\\w$.])${escaped}(?=\\()|(?<=\`)${escaped}(?=\`)|(?<=@link\\s)${escaped}(?![\\w$])`, 'g');
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
