import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { acme } from '../fixtures.ts';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import { FileContentStore } from '../../src/artifacts/content.file.ts';
import { MemoryContentStore } from '../../src/artifacts/content.memory.ts';
import { S3ContentStore, createS3Client } from '../../src/artifacts/content.s3.ts';
import { describeContentStore } from './content.contract.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steward-content-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describeContentStore('memory', async () => new MemoryContentStore());
describeContentStore('files', async () => new FileContentStore({ folder: join(folder, 'contents') }));

const endpoint = process.env['TEST_S3_ENDPOINT'];
if (endpoint !== undefined) {
  describeContentStore('S3', async () => {
    const client = createS3Client({ endpoint });
    const bucket = `contents-${newId('ws').slice(3).toLowerCase()}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    return new S3ContentStore({ client, bucket });
  });
}

describe('contents in files', () => {
  async function* piece(text: string): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }

  it('writes files and folders that other accounts can not read', async () => {
    const store = new FileContentStore({ folder: join(folder, 'private') });
    const key = { workspaceId: newId('ws'), artifactId: newId('art') };

    await store.put(acme, key, piece('secret'), { sizeBytes: 6 });

    const file = await stat(join(folder, 'private', 't-acme', key.workspaceId, key.artifactId));
    const parent = await stat(join(folder, 'private', 't-acme', key.workspaceId));
    expect([file.mode & 0o777, parent.mode & 0o777]).toEqual([0o600, 0o700]);
  });

  it.each([
    ['../../etc', newId('art')],
    [newId('ws'), '../passwd'],
    [newId('ws'), 'art_/../../x'],
    ['', newId('art')],
    [newId('ws').toLowerCase(), newId('art')],
  ])('touches no file for the key %s / %s', async (workspaceId, artifactId) => {
    const store = new FileContentStore({ folder: join(folder, 'safe') });

    await expect(store.put(acme, { workspaceId, artifactId }, piece('x'), { sizeBytes: 1 })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    await expect(store.open(acme, { workspaceId, artifactId })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(store.remove(acme, { workspaceId, artifactId })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('lists and removes what a crashed write left behind, and never reads it', async () => {
    const store = new FileContentStore({ folder: join(folder, 'torn') });
    const key = { workspaceId: newId('ws'), artifactId: newId('art') };
    await store.put(acme, key, piece('whole'), { sizeBytes: 5 });
    const torn = newId('art');
    await writeFile(join(folder, 'torn', 't-acme', key.workspaceId, `${torn}.1f.part`), 'to');

    const listed: string[] = [];
    for await (const { artifactId } of store.list(acme, key.workspaceId)) listed.push(artifactId);
    const opened = await store.open(acme, { ...key, artifactId: torn });
    await store.removeAll(acme, key.workspaceId);

    expect(listed.sort()).toEqual([key.artifactId, torn].sort());
    expect(opened).toBeUndefined();
    expect(await readdir(join(folder, 'torn', 't-acme'))).toEqual([]);
  });

  it('refuses content whose workspace folder is removed while it arrives', async () => {
    const store = new FileContentStore({ folder: join(folder, 'vanishing') });
    const key = { workspaceId: newId('ws'), artifactId: newId('art') };
    async function* interrupted(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('he');
      await store.removeAll(acme, key.workspaceId);
      yield Buffer.from('llo');
    }

    await expect(store.put(acme, key, interrupted(), { sizeBytes: 5 })).rejects.toMatchObject({ code: 'NOT_FOUND' });

    expect(await readdir(join(folder, 'vanishing', 't-acme'))).toEqual([]);
  });

  it('is not ready when its folder can not be made', async () => {
    await writeFile(join(folder, 'a-file'), '');

    await expect(new FileContentStore({ folder: join(folder, 'a-file', 'contents') }).ping()).rejects.toThrow();
  });
});
