import { StewardError } from '@steward/sdk';

/** Finds lines in the bytes of a file. */
export interface LineMatcher {
  /** False when the bytes can't hold a match; cheap, never wrong in that direction. */
  mayMatch(bytes: Buffer): boolean;
  matches(line: string): boolean;
}

const special = /[\\^$.*+?()[\]{}|]/;

/** Compiles an RE2 pattern. Throws INVALID_REQUEST with the reason when it is not one. */
export async function compileSearch(pattern: string, caseSensitive: boolean): Promise<LineMatcher> {
  if (!special.test(pattern) && caseSensitive) {
    const needle = Buffer.from(pattern, 'utf8');
    return { mayMatch: (bytes) => bytes.includes(needle), matches: (line) => line.includes(pattern) };
  }
  const { RE2JS } = await import('re2js');
  try {
    const compiled = RE2JS.compile(pattern, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
    const required = caseSensitive ? requiredLiteral(pattern) : undefined;
    const needle = required === undefined ? undefined : Buffer.from(required, 'utf8');
    return {
      mayMatch: (bytes) => needle === undefined || bytes.includes(needle),
      matches: (line) => (required === undefined || line.includes(required)) && compiled.test(line),
    };
  } catch (error) {
    throw new StewardError(
      'INVALID_REQUEST',
      `The pattern is not a valid RE2 expression: ${error instanceof Error ? error.message : 'unknown reason'}. Lookarounds and backreferences do not exist in RE2; quote special characters by a backslash.`,
    );
  }
}

/**
 * The longest text that every match contains, as far as it can be seen without doubt; undefined otherwise.
 * Only plain characters outside groups and sets count, and none that a quantifier may make optional.
 */
export function requiredLiteral(pattern: string): string | undefined {
  if (pattern.includes('|') || pattern.includes('(?') || pattern.includes('\\Q')) return undefined;
  let best = '';
  let run = '';
  let depth = 0;
  const end = (): void => {
    if (run.length > best.length) best = run;
    run = '';
  };
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] ?? '';
    if (character === '[') {
      end();
      // A `]` directly after the opening is a member of the set.
      i = skipSet(pattern, i);
    } else if (character === '(' || character === ')') {
      end();
      depth += character === '(' ? 1 : -1;
    } else if (character === '*' || character === '?' || character === '{') {
      run = run.slice(0, -1);
      end();
      if (character === '{') i = Math.max(i, pattern.indexOf('}', i));
    } else if (character === '\\') {
      const next = pattern[++i] ?? '';
      if (/[\\^$.*+?()[\]{}|/-]/.test(next)) run += depth === 0 ? next : '';
      else return undefined;
    } else if (special.test(character)) end();
    else if (depth === 0) run += character;
  }
  end();
  // A lone surrogate half would be another byte sequence in the file.
  return best.length > 1 && !/\p{Surrogate}/u.test(best) ? best : undefined;
}

function skipSet(pattern: string, start: number): number {
  let i = start + 1;
  if (pattern[i] === '^') i++;
  if (pattern[i] === ']') i++;
  for (; i < pattern.length && pattern[i] !== ']'; i++) {
    if (pattern[i] === '\\') i++;
    else if (pattern[i] === '[' && pattern[i + 1] === ':') i = Math.max(i, pattern.indexOf(':]', i) + 1);
  }
  return i;
}
