import { StewardError } from '@steward/sdk';

const quote = 0x22;
const backslash = 0x5c;

/** What a JSON text may hold at most. */
export interface JsonBounds {
  /** Levels of arrays and objects within each other. */
  readonly depth: number;
  /** Members of all arrays and objects together. */
  readonly members: number;
}

/**
 * Throws INVALID_REQUEST when JSON text is nested too deeply or has too many members, before anything is built from it.
 * One pass without recursion or memory; text that is no JSON passes, since the parser refuses it.
 */
export function assertJsonShape(bytes: Uint8Array, bounds: JsonBounds, what: string): void {
  let depth = 0;
  let members = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === quote) {
      index = endOfString(bytes, index);
      if (index < 0) return;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > bounds.depth)
        throw refusal(what, `is nested more than ${bounds.depth} levels deep; send it flatter.`);
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    else if (byte === 0x2c) {
      members += 1;
      if (members > bounds.members) throw refusal(what, `has more than ${bounds.members} members; send less at once.`);
    }
  }
}

function endOfString(bytes: Uint8Array, start: number): number {
  for (let end = bytes.indexOf(quote, start + 1); end >= 0; end = bytes.indexOf(quote, end + 1)) {
    let escapes = 0;
    while (bytes[end - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return -1;
}

function refusal(what: string, rule: string): StewardError {
  return new StewardError('INVALID_REQUEST', `${what} ${rule}`);
}
