import { StewardError } from '@steward/sdk';

/** Tells whether a relative path with `/` matches. */
export type GlobMatcher = (relative: string) => boolean;

const maxAlternatives = 256;

/**
 * Compiles a glob: `*` and `?` within a segment, `**` across segments, `[abc]`, `[!abc]`, `{a,b}`, `\` quotes.
 * Matching takes linear time whatever the pattern, since it runs on RE2.
 */
export async function compileGlob(pattern: string, options: { readonly ignoreCase: boolean }): Promise<GlobMatcher> {
  const { RE2JS } = await import('re2js');
  const source = expandBraces(pattern.replace(/^\.\//, ''))
    .map((each) => toExpression(each))
    .join('|');
  const compiled = RE2JS.compile(`^(?:${source})$`, (options.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | RE2JS.DOTALL);
  return (relative) => compiled.test(relative);
}

/** A pattern for file names: without a slash it matches at any depth. */
export function atAnyDepth(pattern: string): string {
  return pattern.includes('/') ? pattern : `**/${pattern}`;
}

function expandBraces(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  while (open.length > 0) {
    const next = open.pop() ?? '';
    const group = firstGroup(next);
    if (group === undefined) done.push(next);
    else for (const choice of group.choices) open.push(next.slice(0, group.start) + choice + next.slice(group.end));
    if (done.length + open.length > maxAlternatives)
      throw new StewardError(
        'INVALID_REQUEST',
        `The glob ${pattern.slice(0, 100)} has more than ${maxAlternatives} alternatives. Use a simpler one.`,
      );
  }
  return done;
}

function firstGroup(text: string): { start: number; end: number; choices: string[] } | undefined {
  for (let start = 0; start < text.length; start++) {
    if (text[start] === '\\') start++;
    else if (text[start] === '{') {
      const group = readGroup(text, start);
      if (group !== undefined) return group;
    }
  }
  return undefined;
}

function readGroup(text: string, start: number): { start: number; end: number; choices: string[] } | undefined {
  const choices: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let i = start; i < text.length; i++) {
    const character = text[i];
    if (character === '\\') i++;
    else if (character === '{') depth++;
    else if (character === ',' && depth === 1) {
      choices.push(text.slice(from, i));
      from = i + 1;
    } else if (character === '}' && --depth === 0) {
      choices.push(text.slice(from, i));
      return choices.length > 1 ? { start, end: i + 1, choices } : undefined;
    }
  }
  return undefined;
}

function toExpression(glob: string): string {
  let out = '';
  for (let i = 0; i < glob.length; i++) {
    const character = glob[i] ?? '';
    const atStart = i === 0 || glob[i - 1] === '/';
    if (character === '*' && glob[i + 1] === '*' && atStart && (glob[i + 2] === '/' || i + 2 === glob.length)) {
      out += glob[i + 2] === '/' ? '(?:.*/)?' : '.*';
      i += glob[i + 2] === '/' ? 2 : 1;
    } else if (character === '*') {
      while (glob[i + 1] === '*') i++;
      out += '[^/]*';
    } else if (character === '?') out += '[^/]';
    else if (character === '[') {
      const set = readSet(glob, i);
      out += set === undefined ? '\\[' : set.expression;
      i = set === undefined ? i : set.end;
    } else if (character === '\\' && i + 1 < glob.length) out += quote(glob[++i] ?? '');
    else out += quote(character);
  }
  return out;
}

function readSet(glob: string, start: number): { expression: string; end: number } | undefined {
  const negated = glob[start + 1] === '!' || glob[start + 1] === '^';
  const from = start + (negated ? 2 : 1);
  const end = glob.indexOf(']', from + 1);
  if (end < 0 || glob.slice(from, end).includes('/')) return undefined;
  const body = glob.slice(from, end).replace(/[\\[\]^&~]/g, '\\$&');
  return { expression: `[${negated ? '^/' : ''}${body}]`, end };
}

function quote(character: string): string {
  return /[\\^$.*+?()[\]{}|]/.test(character) ? `\\${character}` : character;
}
