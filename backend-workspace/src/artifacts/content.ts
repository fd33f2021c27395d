import type { Readable } from 'node:stream';

/** Where one artifact's content lies; written out as `{workspaceId}/{artifactId}`. */
export interface ContentKey {
  readonly workspaceId: string;
  readonly artifactId: string;
}

/** What content must be to be kept. */
export interface ContentExpectation {
  /** Exact size in bytes. */
  readonly sizeBytes: number;
  /** Hex digest; not compared when left out. */
  readonly sha256?: string;
}

/** What a store says about content that it holds. */
export interface ContentFacts {
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** First and last byte, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Where artifacts' bytes are kept. Content under a key never changes: it appears whole or not at all, the same bytes
 * again are accepted, other bytes are refused.
 */
export interface ContentStore {
  /**
   * Keeps the bytes under the key once they are flushed. Throws INVALID_REQUEST when they differ from what was
   * expected (nothing is kept then), CONFLICT when other content lies there, and whatever the source throws.
   */
  put(key: ContentKey, source: AsyncIterable<Uint8Array>, expected: ContentExpectation): Promise<ContentFacts>;
  /** The bytes, or those of the range, which must lie inside them; undefined when there are none. The caller reads or destroys the stream. */
  open(key: ContentKey, range?: ByteRange): Promise<Readable | undefined>;
  /** Removes the content; repeating it changes nothing. */
  remove(key: ContentKey): Promise<void>;
  /** Keys of everything that is kept for a workspace, finished or not. */
  list(workspaceId: string): AsyncIterable<ContentKey>;
  /** Removes everything that is kept for a workspace; repeating it changes nothing. */
  removeAll(workspaceId: string): Promise<void>;
  /** Ids of every workspace that has content. */
  listWorkspaces(): AsyncIterable<string>;
  /** Throws when the store can't be read and written. */
  ping(): Promise<void>;
}
