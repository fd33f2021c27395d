import { createHash } from 'node:crypto';
import { StewardError } from '@steward/sdk';
import type { ContentExpectation, ContentFacts, ContentKey } from './content.ts';

/**
 * Passes the bytes on and checks them on the way. The last piece is held back until size and digest are right, so
 * that a receiver who was told the length never sees a complete body of wrong content.
 */
export class CheckedContent {
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #expected: ContentExpectation;
  #facts: ContentFacts | undefined;

  constructor(source: AsyncIterable<Uint8Array>, expected: ContentExpectation) {
    this.#source = source;
    this.#expected = expected;
  }

  /** Size and digest, once everything has been read. */
  get facts(): ContentFacts {
    if (this.#facts === undefined) throw new Error('The content has not been read to its end.');
    return this.#facts;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    let held: Uint8Array | undefined;
    for await (const piece of this.#source) {
      if (piece.byteLength === 0) continue;
      sizeBytes += piece.byteLength;
      if (sizeBytes > this.#expected.sizeBytes) throw mismatch('size', `more than ${this.#expected.sizeBytes} bytes`);
      hash.update(piece);
      if (held !== undefined) yield held;
      held = piece;
    }
    if (sizeBytes !== this.#expected.sizeBytes) {
      throw mismatch('size', `${sizeBytes} bytes instead of ${this.#expected.sizeBytes}`);
    }
    const sha256 = hash.digest('hex');
    if (this.#expected.sha256 !== undefined && sha256 !== this.#expected.sha256) {
      throw mismatch('sha256', 'content of another digest');
    }
    if (held !== undefined) yield held;
    this.#facts = { sizeBytes, sha256 };
  }
}

/** Reads bytes to their end and tells their size and digest. */
export async function measure(source: AsyncIterable<Uint8Array>): Promise<ContentFacts> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const piece of source) {
    sizeBytes += piece.byteLength;
    hash.update(piece);
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** The refusal of content for a key under which other content lies. */
export function otherContent(key: ContentKey): StewardError {
  return new StewardError(
    'CONFLICT',
    `Artifact ${key.artifactId} already has other content. Content never changes; create a new artifact for it.`,
    {
      details: { artifactId: key.artifactId },
    },
  );
}

function mismatch(rule: 'size' | 'sha256', found: string): StewardError {
  return new StewardError(
    'INVALID_REQUEST',
    `The content is not what was announced: ${found} arrived, so nothing was kept. Send it again, whole.`,
    {
      details: { rule },
    },
  );
}
