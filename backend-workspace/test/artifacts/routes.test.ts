import { createHash } from 'node:crypto';
import { acme } from '../fixtures.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import { createFixture, durableStores, memoryStores } from '../app-fixture.ts';
import type { AppFixture, Stores } from '../app-fixture.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe.each([
  ['memory', memoryStores],
  ['DynamoDB and files', durableStores],
])('artifacts over HTTP with %s', (_name, createStores) => {
  let stores: Stores;
  let app: AppFixture;
  let token: string;
  let workspaceId: string;
  let artifacts: string;
  const sessionId = newId('sess');

  beforeAll(async () => {
    stores = await createStores();
    app = await createFixture(stores);
    token = await app.token('alice');
  });

  beforeEach(async () => {
    const created = await app.api.post('/workspaces', { token, body: { workspaceScope: 'general' } });
    workspaceId = created.body.workspaceId;
    artifacts = `/workspaces/${workspaceId}/artifacts`;
  });

  afterAll(() => stores.close());

  const output = (changes: object = {}) => ({
    sessionId,
    artifactType: 'tool_output',
    name: 'output.txt',
    contentType: 'text/plain',
    ...changes,
  });

  const history = (content: string, changes: object = {}) => ({
    sessionId,
    artifactType: 'session_history',
    name: 'history.json',
    contentType: 'application/json',
    snapshotAfterTaskId: newId('task'),
    content,
    ...changes,
  });

  const create = (body: object, headers: Record<string, string> = {}) =>
    app.api.post(artifacts, { token, body, headers });

  const send = (artifactId: string, body: string, headers: Record<string, string> = {}) =>
    app.api.put(`${artifacts}/${artifactId}/content`, {
      token,
      body: Buffer.from(body),
      headers: { 'content-type': 'application/octet-stream', ...headers },
    });

  const content = (artifactId: string, headers: Record<string, string> = {}) =>
    app.api.get(`${artifacts}/${artifactId}/content`, { token, headers });

  it('stores inline text and gives it back with digest and size', async () => {
    const created = await create(output({ content: 'grüezi', taskId: newId('task'), stepId: newId('step') }));
    const read = await content(created.body.artifactId);

    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ workspaceId, status: 'stored', sizeBytes: 7, sha256: sha256('grüezi') });
    expect(read.status).toBe(200);
    expect((read.body as Buffer).toString()).toBe('grüezi');
    expect(read.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment',
      'accept-ranges': 'bytes',
      etag: `"${sha256('grüezi')}"`,
    });
    const facts = await app.api.get(`${artifacts}/${created.body.artifactId}`, { token });
    expect(facts.body).toEqual(created.body);
  });

  it('stores inline base64 and empty content', async () => {
    const binary = await create(
      output({ content: Buffer.from([0, 255, 10]).toString('base64'), contentEncoding: 'base64' }),
    );
    const empty = await create(output({ content: '' }));

    expect([...((await content(binary.body.artifactId)).body as Buffer)]).toEqual([0, 255, 10]);
    expect(empty.body).toMatchObject({ status: 'stored', sizeBytes: 0 });
    expect((await content(empty.body.artifactId)).headers['content-length']).toBe('0');
  });

  it('accepts 5 MiB inline and refuses one byte more', async () => {
    const largest = await create(output({ content: 'x'.repeat(5 * 1024 * 1024) }));
    const tooLarge = await create(output({ content: 'x'.repeat(5 * 1024 * 1024 + 1) }));

    expect(largest.status).toBe(201);
    expect(tooLarge.status).toBe(413);
    expect(tooLarge.body.code).toBe('FILE_TOO_LARGE');
  });

  it.each([
    ['no base64', { content: 'a b!', contentEncoding: 'base64' }],
    ['text with half a character', { content: '\ud800' }],
    ['another size than announced', { content: 'abc', sizeBytes: 4 }],
    ['another digest than announced', { content: 'abc', sha256: sha256('abd') }],
    ['a type that does not exist', { content: 'abc', artifactType: 'secret' }],
  ])('refuses %s and keeps nothing', async (_case, changes) => {
    const answer = await create(output(changes));

    expect(answer.status).toBe(400);
    expect((await app.api.get(artifacts, { token })).body.items).toEqual([]);
  });

  it('refuses a history that does not say after which task it was taken', async () => {
    const { snapshotAfterTaskId: _task, ...body } = history('{}');

    const answer = await create(body);

    expect(answer.body).toMatchObject({ code: 'INVALID_REQUEST', details: { field: 'snapshotAfterTaskId' } });
  });

  it('takes streamed content for a pending artifact', async () => {
    const created = await create(output({ sizeBytes: 5, sha256: sha256('hello') }));
    const early = await content(created.body.artifactId);
    const sent = await send(created.body.artifactId, 'hello');

    expect(created.body).toMatchObject({ status: 'pending', sizeBytes: 5 });
    expect(created.body.uploadUrl).toBe(`/v1${artifacts}/${created.body.artifactId}/content`);
    expect(early.status).toBe(404);
    expect(sent.status).toBe(200);
    expect(sent.body).toMatchObject({ status: 'stored', sizeBytes: 5, sha256: sha256('hello') });
    expect(sent.body.uploadUrl).toBeUndefined();
    expect((await content(created.body.artifactId)).body.toString()).toBe('hello');
  });

  it('takes streamed content that announced nothing, by its Content-Length', async () => {
    const created = await create(output());

    const sent = await send(created.body.artifactId, 'hello');

    expect(sent.body).toMatchObject({ status: 'stored', sizeBytes: 5, sha256: sha256('hello') });
  });

  it.each([
    ['size', { sizeBytes: 6 }],
    ['digest', { sha256: sha256('other') }],
  ])(
    'refuses streamed content of another %s, keeps nothing, and takes the right one afterwards',
    async (_rule, announced) => {
      const created = await create(output(announced));
      const { artifactId } = created.body;

      const refused = await send(artifactId, 'hello');
      const status = (await app.api.get(`${artifacts}/${artifactId}`, { token })).body.status;
      const right = await send(artifactId, 'sizeBytes' in announced ? 'hello!' : 'other');

      expect(refused.status).toBe(400);
      expect(status).toBe('pending');
      expect(right.status).toBe(200);
    },
  );

  it('accepts the same streamed content again and refuses other content', async () => {
    const { artifactId } = (await create(output())).body;
    await send(artifactId, 'hello');

    expect((await send(artifactId, 'hello')).status).toBe(200);
    expect((await send(artifactId, 'world')).status).toBe(409);
    expect((await content(artifactId)).body.toString()).toBe('hello');
  });

  it('answers the same artifact for the same artifactId and a conflict for other facts', async () => {
    const artifactId = newId('art');
    const body = output({ artifactId, content: 'hello' });

    const first = await create(body);
    const again = await create(body);
    const other = await create({ ...body, content: 'world' });

    expect(again.body).toEqual(first.body);
    expect(other.status).toBe(409);
    expect((await content(artifactId)).body.toString()).toBe('hello');
  });

  it('creates one artifact for a repeated Idempotency-Key', async () => {
    const body = output({ content: 'hello' });

    const first = await create(body, { 'idempotency-key': 'upload-1' });
    const again = await create(body, { 'idempotency-key': 'upload-1' });

    expect(again.body).toEqual(first.body);
    expect((await app.api.get(artifacts, { token })).body.items).toHaveLength(1);
  });

  it('serves one range, and says when it lies outside', async () => {
    const { artifactId } = (await create(output({ content: 'hello steward' }))).body;

    const part = await content(artifactId, { range: 'bytes=6-8' });
    const tail = await content(artifactId, { range: 'bytes=-4' });
    const outside = await content(artifactId, { range: 'bytes=99-' });

    expect(part.status).toBe(206);
    expect(part.body.toString()).toBe('ste');
    expect(part.headers['content-range']).toBe('bytes 6-8/13');
    expect(tail.body.toString()).toBe('ward');
    expect(outside.status).toBe(416);
    expect(outside.headers['content-range']).toBe('bytes */13');
  });

  it('replaces the history of a session, removes the old content, and lists the session once', async () => {
    const first = await create(history('{"n":1}', { title: 'Rename a function' }));
    app.clock.advance(1000);
    const second = await create(history('{"n":2}'));

    const sessions = await app.api.get(`/workspaces/${workspaceId}/sessions`, { token });
    const contents: string[] = [];
    for await (const key of stores.content.list(acme, workspaceId)) contents.push(key.artifactId);

    expect(sessions.body.items).toEqual([
      {
        sessionId,
        workspaceId,
        artifactId: second.body.artifactId,
        title: 'Rename a function',
        snapshotAfterTaskId: second.body.snapshotAfterTaskId,
        sizeBytes: 7,
        createdAt: first.body.createdAt,
        updatedAt: second.body.updatedAt,
      },
    ]);
    expect((await content(second.body.artifactId)).body.toString()).toBe('{"n":2}');
    expect((await content(first.body.artifactId)).status).toBe(404);
    expect(contents).toEqual([second.body.artifactId]);
  });

  it('does not bring a replaced history back when its upload is repeated late', async () => {
    const first = history('{"n":1}', { artifactId: newId('art') });
    await create(first);
    const second = await create(history('{"n":2}'));

    const late = await create(first);

    expect(late.status).toBe(409);
    const sessions = await app.api.get(`/workspaces/${workspaceId}/sessions`, { token });
    expect(sessions.body.items[0].artifactId).toBe(second.body.artifactId);
  });

  it('keeps the old history until the streamed one has arrived whole', async () => {
    const old = await create(history('{"n":1}'));
    const { content: _content, ...facts } = history('');
    const pending = await create({ ...facts, sizeBytes: 7 });
    const before = await app.api.get(`/workspaces/${workspaceId}/sessions`, { token });

    await send(pending.body.artifactId, '{"n":2}');

    const after = await app.api.get(`/workspaces/${workspaceId}/sessions`, { token });
    expect(before.body.items[0].artifactId).toBe(old.body.artifactId);
    expect(after.body.items[0].artifactId).toBe(pending.body.artifactId);
  });

  it('lists by session and type, page by page', async () => {
    const other = newId('sess');
    for (let n = 0; n < 3; n += 1) {
      app.clock.advance(1000);
      await create(output({ sessionId: other, content: String(n) }));
      await create(output({ sessionId: other, artifactType: 'file_diff', content: String(n) }));
    }
    const query = { sessionId: other, artifactType: 'tool_output', limit: 2 };

    const first = await app.api.get(artifacts, { token, query });
    const second = await app.api.get(artifacts, { token, query: { ...query, cursor: first.body.nextCursor } });
    const all = await app.api.get(artifacts, { token });

    expect([first.body.items.length, second.body.items.length, all.body.items.length]).toEqual([2, 1, 6]);
    expect(second.body.nextCursor).toBeUndefined();
  });

  it('never fails on a cursor of another list', async () => {
    const cursor = Buffer.from(JSON.stringify({ sortKey: 'x', id: 'session#x' })).toString('base64url');

    const answer = await app.api.get(artifacts, { token, query: { sessionId, artifactType: 'image', cursor } });

    expect(answer.status).toBeLessThan(500);
  });

  it('shows, takes and lists nothing for another person or tenant, and answers as if nothing existed', async () => {
    const { artifactId } = (await create(output({ content: 'secret' }))).body;
    const pending = (await create(output())).body.artifactId;

    for (const stranger of [await app.token('bob'), await app.token('alice', 'globex')]) {
      const answers = [
        await app.api.get(artifacts, { token: stranger }),
        await app.api.get(`${artifacts}/${artifactId}`, { token: stranger }),
        await app.api.get(`${artifacts}/${artifactId}/content`, { token: stranger }),
        await app.api.post(artifacts, { token: stranger, body: output({ content: 'planted' }) }),
        await app.api.put(`${artifacts}/${pending}/content`, {
          token: stranger,
          body: Buffer.from('planted'),
          headers: { 'content-type': 'application/octet-stream' },
        }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    }
    expect((await app.api.get(`${artifacts}/${pending}`, { token })).body.status).toBe('pending');
  });

  it('does not find an artifact through another workspace of the same person', async () => {
    const { artifactId } = (await create(output({ content: 'here' }))).body;
    const other = await app.api.post('/workspaces', { token, body: { workspaceScope: 'general' } });

    const answer = await app.api.get(`/workspaces/${other.body.workspaceId}/artifacts/${artifactId}`, { token });

    expect(answer.status).toBe(404);
  });

  it('deletes a workspace from both stores and proves it', async () => {
    await create(history('{"n":1}'));
    await create(output({ content: 'hello' }));
    await create(output());

    const deleted = await app.api.delete(`/workspaces/${workspaceId}`, { token });

    const left: unknown[] = [];
    for await (const key of stores.content.list(acme, workspaceId)) left.push(key);
    expect(deleted.status).toBe(200);
    expect(deleted.body).toMatchObject({ workspaceId, deletedArtifacts: 3, deletedBytes: 12, verified: true });
    expect(left).toEqual([]);
    expect(await stores.artifacts.count(acme, workspaceId)).toBe(0);
    expect(await stores.workspaces.find(acme, workspaceId)).toBeUndefined();
    expect((await app.api.get(artifacts, { token })).status).toBe(404);
    expect((await app.api.delete(`/workspaces/${workspaceId}`, { token })).status).toBe(404);
  });
});
