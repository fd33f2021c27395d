import type { Readable } from 'node:stream';
import type { SystemScope, TenantScope } from '@steward/service-kit';

/** Where one artifact's content lies; written out as `{tenant}/{workspaceId}/{artifactId}`. */
export interface ContentKey {
  readonly workspaceId: string;
  readonly artifactId: string;
}

/** A workspace that has content. */
export interface ContentOwner {
  readonly tenantId: string;
  readonly workspaceId: string;
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
 * again are accepted, other bytes are refused. Keys begin with the scope's tenant, so another tenant's ids are other keys.
 */
export interface ContentStore {
  /**
   * Keeps the bytes under the key once they are flushed. Throws INVALID_REQUEST when they differ from what was
   * expected (nothing is kept then), CONFLICT when other content lies there, and whatever the source throws.
   */
  put(
    scope: TenantScope,
    key: ContentKey,
    source: AsyncIterable<Uint8Array>,
    expected: ContentExpectation,
  ): Promise<ContentFacts>;
  /** The bytes, or those of the range, which must lie inside them; undefined when there are none. The caller reads or destroys the stream. */
  open(scope: TenantScope, key: ContentKey, range?: ByteRange): Promise<Readable | undefined>;
  /** Removes the content; repeating it changes nothing. */
  remove(scope: TenantScope, key: ContentKey): Promise<void>;
  /** Keys of everything that is kept for a workspace, finished or not. */
  list(scope: TenantScope, workspaceId: string): AsyncIterable<ContentKey>;
  /** Removes everything that is kept for a workspace; repeating it changes nothing. */
  removeAll(scope: TenantScope, workspaceId: string): Promise<void>;
  /** Every workspace of every tenant that has content; for the job that looks for what is left over. */
  listWorkspaces(jobs: SystemScope): AsyncIterable<ContentOwner>;
  /** Throws when the store can't be read and written. */
  ping(): Promise<void>;
}

/**
 * The tenant as the first part of a content's key, safe as a folder name on every system: `t-` and the tenant, with
 * every character but small letters, digits, `_` and `-` written as `=` and four hex digits.
 */
export function tenantPart(tenantId: string): string {
  return `t-${tenantId.replaceAll(/[^a-z0-9_-]/g, (character) => `=${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}`;
}

/** The tenant that a part of a key stands for; undefined when no tenant has such a part. */
export function tenantOfPart(part: string): string | undefined {
  if (!part.startsWith('t-') || part.length === 2) return undefined;
  const tenantId = part
    .slice(2)
    .replaceAll(/=([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return tenantPart(tenantId) === part ? tenantId : undefined;
}
