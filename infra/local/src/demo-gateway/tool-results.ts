import { errorCodes } from '@steward/contracts';

const KNOWN_CODES: ReadonlySet<string> = new Set(Object.keys(errorCodes));
const CODED = /^([A-Z][A-Z0-9_]*): /;
const WORDED = /^(?:Error|Denied|Refused|Cancelled): /;
const TRUNCATED = /^\[(?:truncated\b.*|… \d+ of \d+ bytes left out …)\]$/m;

/** What a command's result says. */
export interface CommandOutcome {
  /** `undefined` when the command did not come to an end of its own. */
  readonly exitCode: number | undefined;
  readonly output: string;
  /** Completes "the command …" where there is no exit code. */
  readonly without: 'did not run' | 'did not finish';
}

/** True when a tool result reports a failure or a refusal (`CODE: sentence`) instead of content. */
export function isFailure(result: string): boolean {
  const code = CODED.exec(result)?.[1];
  return (code !== undefined && KNOWN_CODES.has(code)) || WORDED.test(result);
}

/** The sentence of a failure without its code, for quoting. */
export function reasonOf(result: string): string {
  const line = result.split('\n').find((text) => text.trim() !== '') ?? 'no reason was given';
  return line
    .trim()
    .replace(isFailure(result) ? /^\w+: / : '', '')
    .replace(/\.$/, '')
    .slice(0, 240);
}

/** True when the tool kept part of the content back. */
export function isTruncated(result: string): boolean {
  return TRUNCATED.test(result);
}

/** Splits search output (`path:line:text` per line) into matches; other lines are skipped. */
export function parseMatches(result: string): { path: string; line: number; text: string }[] {
  return result.split('\n').flatMap((line) => {
    const match = /^((?:[A-Za-z]:[\\/])?[^:\n]+):(\d+):(.*)$/.exec(line);
    return match === null ? [] : [{ path: match[1] ?? '', line: Number(match[2]), text: match[3] ?? '' }];
  });
}

/** Splits a file list (one path per line) into paths; bracketed remarks are skipped. */
export function parsePaths(result: string): string[] {
  return result
    .split('\n')
    .map((line) => line.trim().replace(/^\.\//, ''))
    .filter((line) => line !== '' && !line.startsWith('['));
}

/** Reads how a command ended. Only a failure's first lines speak of the command; anything later is its own output. */
export function readCommandOutcome(result: string): CommandOutcome {
  const without = result.startsWith('TOOL_EXECUTION_') ? 'did not finish' : 'did not run';
  if (!isFailure(result)) return { exitCode: 0, output: result, without };
  const firstLine = result.split('\n', 1)[0] ?? '';
  const named = /\bexit code (-?\d+)/.exec(firstLine);
  const output = result.slice(firstLine.length + 1);
  return { exitCode: named === null ? undefined : Number(named[1]), output, without };
}

/** The last lines of an output, without bracketed remarks and blank lines. */
export function lastLines(output: string, count: number): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-count).join('\n');
}
