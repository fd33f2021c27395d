import { Readable } from 'node:stream';
import { ScopedMap } from '@steward/service-kit';
import type { SystemScope, TenantScope } from '@steward/service-kit';
import { CheckedContent, otherContent } from './content-check.ts';
import { tenantPart } from './content.ts';
import type { ByteRange, ContentExpectation, ContentFacts, ContentKey, ContentOwner, ContentStore } from './content.ts';

/** Contents in this process only. */
export class MemoryContentStore implements ContentStore {
  readonly #contents = new ScopedMap<{ tenantId: string; key: ContentKey; bytes: Uint8Array; facts: ContentFacts }>();

  async put(
    scope: TenantScope,
    key: ContentKey,
    source: AsyncIterable<Uint8Array>,
    expected: ContentExpectation,
  ): Promise<ContentFacts> {
    const checked = new CheckedContent(source, expected);
    const pieces: Uint8Array[] = [];
    for await (const piece of checked) pieces.push(piece);
    const existing = this.#contents.get(scope, key.workspaceId, key.artifactId);
    if (existing !== undefined && existing.facts.sha256 !== checked.facts.sha256) throw otherContent(key);
    const { workspaceId, artifactId } = key;
    const bytes = new Uint8Array(Buffer.concat(pieces));
    const row = { tenantId: scope.tenantId, key: { workspaceId, artifactId }, bytes, facts: checked.facts };
    this.#contents.set(scope, row, workspaceId, artifactId);
    return checked.facts;
  }

  async open(scope: TenantScope, key: ContentKey, range?: ByteRange): Promise<Readable | undefined> {
    const bytes = this.#contents.get(scope, key.workspaceId, key.artifactId)?.bytes;
    if (bytes === undefined) return undefined;
    return Readable.from([Buffer.from(range === undefined ? bytes : bytes.subarray(range.start, range.end + 1))]);
  }

  async remove(scope: TenantScope, key: ContentKey): Promise<void> {
    this.#contents.delete(scope, key.workspaceId, key.artifactId);
  }

  async *list(scope: TenantScope, workspaceId: string): AsyncIterable<ContentKey> {
    for (const { key } of this.#contents.values(scope, workspaceId)) yield key;
  }

  async removeAll(scope: TenantScope, workspaceId: string): Promise<void> {
    for await (const key of this.list(scope, workspaceId)) await this.remove(scope, key);
  }

  async *listWorkspaces(jobs: SystemScope): AsyncIterable<ContentOwner> {
    jobs.assertMayRead('scans', 'contents');
    const owners = new Map<string, ContentOwner>();
    for (const { tenantId, key } of this.#contents.allTenants()) {
      owners.set(`${tenantPart(tenantId)}/${key.workspaceId}`, { tenantId, workspaceId: key.workspaceId });
    }
    yield* owners.values();
  }

  async ping(): Promise<void> {}
}
