import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { StewardError } from '@steward/sdk';
import { assertJsonShape } from './json-shape.ts';
import type { JsonBounds } from './json-shape.ts';

/** How much of a body is read, and for how long. */
export interface BodyLimits extends JsonBounds {
  readonly bytes: number;
  readonly timeoutMs: number;
}

/**
 * Reads a JSON body; undefined when there is none. Bytes are counted as they arrive (and again unpacked), time from the
 * first to the last one, nesting and members before parsing. Throws INVALID_REQUEST and FILE_TOO_LARGE.
 * @param what names the body in a refusal
 */
export async function readJsonBody(request: IncomingMessage, limits: BodyLimits, what: string): Promise<unknown> {
  const { headers } = request;
  const declared = Number(headers['content-length'] ?? 0);
  if (headers['transfer-encoding'] === undefined && declared === 0) return undefined;
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? ''))
    throw new StewardError('INVALID_REQUEST', 'The body must be JSON; send it with Content-Type application/json.');
  if (declared > limits.bytes) throw tooLarge(limits.bytes);
  const bytes = await collect(request, limits);
  if (bytes.length === 0) return undefined;
  assertJsonShape(bytes, limits, what);
  if (!isUtf8(bytes)) throw new StewardError('INVALID_REQUEST', 'The body is not UTF-8; JSON is always sent as UTF-8.');
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (cause) {
    throw new StewardError('INVALID_REQUEST', 'The body is not valid JSON.', { cause });
  }
}

function collect(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const source = unpacked(request);
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      source.removeListener('data', onData);
      if (source !== request) request.unpipe();
      settle();
    };
    const fail = (error: StewardError): void => end(() => reject(error));
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limits.bytes) fail(tooLarge(limits.bytes));
      else chunks.push(chunk);
    };
    const timer = setTimeout(() => fail(tooSlow(limits.timeoutMs)), limits.timeoutMs);
    source.on('data', onData);
    source.once('end', () => end(() => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))));
    source.once('error', (cause: unknown) =>
      fail(new StewardError('INVALID_REQUEST', 'The body could not be read; check its encoding.', { cause })),
    );
    request.once('close', () => {
      if (!request.complete) fail(new StewardError('INVALID_REQUEST', 'The connection ended before the body did.'));
    });
  });
}

function unpacked(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding === 'identity') return request;
  if (encoding === 'gzip') return request.pipe(createGunzip());
  if (encoding === 'deflate') return request.pipe(createInflate());
  if (encoding === 'br') return request.pipe(createBrotliDecompress());
  throw new StewardError('INVALID_REQUEST', 'The Content-Encoding is not supported; use gzip, deflate, br or none.');
}

function tooLarge(limitBytes: number): StewardError {
  return new StewardError('FILE_TOO_LARGE', `The body is larger than ${limitBytes} bytes; send less at once.`, {
    details: { limitBytes },
  });
}

function tooSlow(timeoutMs: number): StewardError {
  return new StewardError('INVALID_REQUEST', `The body did not arrive within ${timeoutMs} ms; send it again at once.`, {
    retryable: true,
    details: { reasonCodes: ['body_timeout'] },
  });
}
