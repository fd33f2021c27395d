/** A stretch of source text. */
export interface SourcePiece {
  readonly kind: 'code' | 'string' | 'comment' | 'regex';
  readonly text: string;
}

const REGEX_MAY_FOLLOW =
  /(?:^|[=([{,;:!&|?+\-*%~^<>}]|\b(?:return|typeof|case|in|of|void|delete|throw|new|do|else))\s*$/;

/**
 * Splits JavaScript or TypeScript source into code, strings, comments and regular expressions; joined again the pieces
 * give the source back. Template literals yield their text as strings and their `${…}` as code. Quotes inside JSX text
 * may be read as strings, which only ever leaves more text untouched.
 */
export function splitSource(source: string): SourcePiece[] {
  const pieces: SourcePiece[] = [];
  // Depth of braces at which each open `${` ends.
  const templates: number[] = [];
  let depth = 0;
  let code = '';
  let at = 0;

  const add = (kind: SourcePiece['kind'], end: number): void => {
    if (kind !== 'code' && code !== '') {
      pieces.push({ kind: 'code', text: code });
      code = '';
    }
    if (end > at) pieces.push({ kind, text: source.slice(at, end) });
    at = end;
  };
  const addTemplateText = (from: number): void => {
    const end = templateTextEnd(source, from);
    add('string', end);
    if (source.startsWith('${', end - 2)) {
      templates.push(depth);
      depth += 1;
    }
  };

  while (at < source.length) {
    const character = source[at] as string;
    const next = source[at + 1];
    if (character === '/' && next === '/') add('comment', lineEnd(source, at));
    else if (character === '/' && next === '*') add('comment', after(source, '*/', at + 2));
    else if (character === '"' || character === "'") add('string', quotedEnd(source, at));
    else if (character === '`') addTemplateText(at + 1);
    else if (character === '/' && REGEX_MAY_FOLLOW.test(code.slice(-40))) add('regex', regexEnd(source, at));
    else if (character === '}' && templates.at(-1) === depth - 1) {
      templates.pop();
      depth -= 1;
      addTemplateText(at + 1);
    } else {
      if (character === '{') depth += 1;
      if (character === '}') depth -= 1;
      code += character;
      at += 1;
    }
  }
  if (code !== '') pieces.push({ kind: 'code', text: code });
  return pieces;
}

function lineEnd(source: string, from: number): number {
  const end = source.indexOf('\n', from);
  return end < 0 ? source.length : end;
}

function after(source: string, mark: string, from: number): number {
  const end = source.indexOf(mark, from);
  return end < 0 ? source.length : end + mark.length;
}

function quotedEnd(source: string, from: number): number {
  const quote = source[from];
  for (let at = from + 1; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === quote) return at + 1;
    else if (source[at] === '\n') return at;
  }
  return source.length;
}

/** The index after the closing backtick or after the next `${`. */
function templateTextEnd(source: string, from: number): number {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === '`') return at + 1;
    else if (source.startsWith('${', at)) return at + 2;
  }
  return source.length;
}

function regexEnd(source: string, from: number): number {
  let inClass = false;
  for (let at = from + 1; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === '\n') return from + 1;
    else if (source[at] === '[') inClass = true;
    else if (source[at] === ']') inClass = false;
    else if (source[at] === '/' && !inClass) return at + 1;
  }
  return from + 1;
}
