import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import { systemScope } from '@steward/service-kit';
import { acme, globex } from '../fixtures.ts';
import type { ContentKey, ContentStore } from '../../src/artifacts/content.ts';

/** What every store of contents promises. */
export function describeContentStore(name: string, create: () => Promise<ContentStore>): void {
  describe(`contents in ${name}`, () => {
    let store: ContentStore;
    let key: ContentKey;

    beforeEach(async () => {
      store = await create();
      key = { workspaceId: newId('ws'), artifactId: newId('art') };
    });

    async function put(
      bytes: string,
      changes: { sizeBytes?: number; sha256?: string } = {},
      at = key,
    ): Promise<unknown> {
      return store.put(acme, at, pieces(bytes), { sizeBytes: Buffer.byteLength(bytes), ...changes });
    }

    async function read(range?: { start: number; end: number }, at = key): Promise<string | undefined> {
      const stream = await store.open(acme, at, range);
      if (stream === undefined) return undefined;
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
      return Buffer.concat(chunks).toString('utf8');
    }

    async function keys(workspaceId = key.workspaceId): Promise<string[]> {
      const found: string[] = [];
      for await (const { artifactId } of store.list(acme, workspaceId)) found.push(artifactId);
      return found.sort();
    }

    it('gives back what was put, whole and in part', async () => {
      const facts = await put('hello steward');

      expect(facts).toEqual({ sizeBytes: 13, sha256: sha256('hello steward') });
      expect(await read()).toBe('hello steward');
      expect(await read({ start: 6, end: 8 })).toBe('ste');
      expect(await keys()).toEqual([key.artifactId]);
    });

    it('keeps empty content', async () => {
      await put('', { sha256: sha256('') });

      expect(await read()).toBe('');
    });

    it('keeps content of many pieces unchanged', async () => {
      const big = 'steward '.repeat(100_000);

      await put(big, { sha256: sha256(big) });

      expect(sha256((await read()) ?? '')).toBe(sha256(big));
    });

    it.each([
      ['too short', 'hello', { sizeBytes: 6 }],
      ['too long', 'hello', { sizeBytes: 4 }],
      ['of another digest', 'hello', { sha256: sha256('other') }],
      ['empty but announced', '', { sizeBytes: 1 }],
    ])('refuses content that is %s and keeps nothing', async (_case, bytes, changes) => {
      await expect(put(bytes, changes)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });

      expect(await read()).toBeUndefined();
      expect(await keys()).toEqual([]);
    });

    it('keeps nothing when the sender breaks off', async () => {
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('hel');
        throw new Error('gone');
      }

      await expect(store.put(acme, key, broken(), { sizeBytes: 5 })).rejects.toThrow('gone');

      expect(await keys()).toEqual([]);
    });

    it('accepts the same content again and refuses other content', async () => {
      await put('hello');

      await expect(put('hello')).resolves.toEqual({ sizeBytes: 5, sha256: sha256('hello') });
      await expect(put('world')).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await read()).toBe('hello');
    });

    it('lets one of several writers of different content win', async () => {
      const contents = ['aaaaa', 'bbbbb', 'ccccc'];

      const results = await Promise.allSettled(contents.map((bytes) => put(bytes)));

      const winners = contents.filter((_, index) => results[index]?.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      expect(await read()).toBe(winners[0]);
    });

    it('accepts the same content from several writers at once', async () => {
      const results = await Promise.all([1, 2, 3].map(() => put('same', { sha256: sha256('same') })));

      expect(results).toEqual(Array.from({ length: 3 }, () => ({ sizeBytes: 4, sha256: sha256('same') })));
    });

    it('removes content, also when it is gone already', async () => {
      await put('hello');

      await store.remove(acme, key);
      await store.remove(acme, key);

      expect(await read()).toBeUndefined();
      expect(await keys()).toEqual([]);
    });

    it('removes everything of one workspace and nothing of another', async () => {
      const sibling = { ...key, artifactId: newId('art') };
      const other = { workspaceId: newId('ws'), artifactId: newId('art') };
      await put('one');
      await put('two', {}, sibling);
      await put('three', {}, other);

      await store.removeAll(acme, key.workspaceId);
      await store.removeAll(acme, key.workspaceId);

      expect(await keys()).toEqual([]);
      expect(await read(undefined, other)).toBe('three');
      const workspaces: string[] = [];
      for await (const owner of store.listWorkspaces(systemScope('workspace-purge'))) {
        if (owner.tenantId === 'acme') workspaces.push(owner.workspaceId);
      }
      expect(workspaces).toContain(other.workspaceId);
      expect(workspaces).not.toContain(key.workspaceId);
    });

    it('keeps the contents of tenants apart under the same ids', async () => {
      await put('hello');

      await store.put(globex, key, pieces('other'), { sizeBytes: 5 });
      await store.removeAll(globex, key.workspaceId);

      expect(await store.open(globex, key)).toBeUndefined();
      expect(await read()).toBe('hello');
    });

    it('answers a ping', async () => {
      await expect(store.ping()).resolves.toBeUndefined();
    });
  });
}

/** Hex digest. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += 60_000) yield bytes.subarray(start, start + 60_000);
}
