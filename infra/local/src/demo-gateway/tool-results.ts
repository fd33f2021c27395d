const FAILURE =
  /^\s*(?:\[?(?:tool )?(?:error|failed|failure|denied|refused|rejected|cancelled|not allowed)\b|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b)/i;
const FAILURE_CODE = /^\s*\{\s*"(?:error|code)"\s*:/;
const TRUNCATED = /^\[(?:truncated\b.*|… \d+ of \d+ bytes left out …)\]$/m;
const OWN_EXIT_LINE = /^\[?exit code:? (-?\d+)\]?$/im;

/** What a command's result says. */
export interface CommandOutcome {
  /** `undefined` when the command did not run at all. */
  readonly exitCode: number | undefined;
  readonly output: string;
}

/** True when a tool result reports a failure or a refusal instead of content. */
export function isFailure(result: string): boolean {
  const firstLine = result.split('\n', 1)[0] ?? '';
  return (FAILURE.test(firstLine) && !looksLikeCode(firstLine)) || FAILURE_CODE.test(result);
}

/** The first sentence of a failure, for quoting. */
export function reasonOf(result: string): string {
  const line = result.split('\n').find((text) => text.trim() !== '') ?? 'no reason was given';
  return line.trim().replace(/\.$/, '').slice(0, 240);
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

/** Reads a command's exit code; 0 when the result reports neither a code nor a failure, `undefined` when it did not run. */
export function readCommandOutcome(result: string): CommandOutcome {
  const ownLine = OWN_EXIT_LINE.exec(result);
  if (ownLine !== null) return { exitCode: Number(ownLine[1]), output: result };
  if (!isFailure(result)) return { exitCode: 0, output: result };
  // Inside the output of a command the words can mean anything; in a failure's first lines they mean the command.
  const named = /\bexit code:? (-?\d+)/i.exec(result.slice(0, 400));
  return { exitCode: named === null ? undefined : Number(named[1]), output: result };
}

/** The last lines of an output, without bracketed remarks and blank lines. */
export function lastLines(output: string, count: number): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-count).join('\n');
}

function looksLikeCode(line: string): boolean {
  return /[=;{(]\s*$|^\s*(?:export|import|const|function|class)\b/.test(line) || /^[A-Z_0-9]+\s*=/.test(line);
}
