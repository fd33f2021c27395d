import { StewardError } from '@steward/sdk';

/** Deepest nesting of a body; far above what any contract needs, far below what exhausts a stack. */
const maxDepth = 100;

/** Throws INVALID_REQUEST when the value is nested too deeply to be handled safely. Itself without recursion. */
export function assertShallow(value: unknown, what: string): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) {
      throw new StewardError(
        'INVALID_REQUEST',
        `${what} is nested more than ${maxDepth} levels deep; send it flatter.`,
      );
    }
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      for (const member of Object.values(item)) if (typeof member === 'object' && member !== null) next.push(member);
    }
    level = next;
  }
}
