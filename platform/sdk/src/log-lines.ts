import type { Writable } from 'node:stream';

/**
 * Writes lines to a stream whose reader may have gone: what nobody can read is dropped. Without this a closed stderr is
 * an unhandled error, whose report is written to stderr again.
 */
export function logLines(stream: Writable): (line: string) => void {
  stream.on('error', () => undefined);
  return (line) => void stream.write(`${line}\n`);
}
