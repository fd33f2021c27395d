import { Readable } from 'node:stream';
import { CheckedContent, otherContent } from './content-check.ts';
import type { ByteRange, ContentExpectation, ContentFacts, ContentKey, ContentStore } from './content.ts';

/** Contents in this process only. */
export class MemoryContentStore implements ContentStore {
  readonly #contents = new Map<string, { key: ContentKey; bytes: Buffer; facts: ContentFacts }>();

  async put(key: ContentKey, source: AsyncIterable<Uint8Array>, expected: ContentExpectation): Promise<ContentFacts> {
    const checked = new CheckedContent(source, expected);
    const pieces: Uint8Array[] = [];
    for await (const piece of checked) pieces.push(piece);
    const existing = this.#contents.get(nameOf(key));
    if (existing !== undefined && existing.facts.sha256 !== checked.facts.sha256) throw otherContent(key);
    this.#contents.set(nameOf(key), { key: { ...key }, bytes: Buffer.concat(pieces), facts: checked.facts });
    return checked.facts;
  }

  async open(key: ContentKey, range?: ByteRange): Promise<Readable | undefined> {
    const bytes = this.#contents.get(nameOf(key))?.bytes;
    if (bytes === undefined) return undefined;
    return Readable.from([Buffer.from(range === undefined ? bytes : bytes.subarray(range.start, range.end + 1))]);
  }

  async remove(key: ContentKey): Promise<void> {
    this.#contents.delete(nameOf(key));
  }

  async *list(workspaceId: string): AsyncIterable<ContentKey> {
    for (const { key } of [...this.#contents.values()]) if (key.workspaceId === workspaceId) yield { ...key };
  }

  async removeAll(workspaceId: string): Promise<void> {
    for await (const key of this.list(workspaceId)) await this.remove(key);
  }

  async *listWorkspaces(): AsyncIterable<string> {
    yield* new Set([...this.#contents.values()].map(({ key }) => key.workspaceId));
  }

  async ping(): Promise<void> {}
}

function nameOf(key: ContentKey): string {
  return `${key.workspaceId}/${key.artifactId}`;
}
