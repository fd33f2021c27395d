import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import { listen } from '@steward/service-kit';
import type { RunningService } from '@steward/service-kit';
import { createFixture, durableStores } from '../app-fixture.ts';
import type { AppFixture, Stores } from '../app-fixture.ts';

describe('streamed content over a real connection', () => {
  let stores: Stores;
  let app: AppFixture;
  let running: RunningService;
  let token: string;
  let workspaceId: string;

  beforeAll(async () => {
    stores = await durableStores();
    app = await createFixture(stores);
    running = await listen(app.service, { host: '127.0.0.1', port: 0 });
    token = await app.token('alice');
    workspaceId = (await app.api.post('/workspaces', { token, body: { workspaceScope: 'general' } })).body.workspaceId;
  });

  afterAll(async () => {
    await running.stop();
    await stores.close();
  });

  async function pending(facts: object): Promise<string> {
    const body = { sessionId: newId('sess'), artifactType: 'file', name: 'f', contentType: 'x/y', ...facts };
    const created = await app.api.post(`/workspaces/${workspaceId}/artifacts`, { token, body });
    return `${running.url}/workspaces/${workspaceId}/artifacts/${created.body.artifactId}`;
  }

  /** Sends chunks without Content-Length, then ends or breaks off. */
  function stream(url: string, chunks: readonly Buffer[], end: 'end' | 'break'): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sending = request(`${url}/content`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
      });
      sending.on('response', (answer) => resolve(answer.resume())).on('error', reject);
      for (const chunk of chunks) sending.write(chunk);
      if (end === 'end') sending.end();
      else sending.write('', () => sending.destroy(new Error('broken off')));
    });
  }

  const authorized = () => ({ headers: { authorization: `Bearer ${token}` } });

  it('takes megabytes in pieces of unknown total length when the size was announced', async () => {
    const bytes = randomBytes(6 * 1024 * 1024);
    const url = await pending({ sizeBytes: bytes.length });

    const answer = await stream(url, [bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000)], 'end');

    const read = Buffer.from(await (await fetch(`${url}/content`, authorized())).arrayBuffer());
    expect(answer.statusCode).toBe(200);
    expect(read.equals(bytes)).toBe(true);
  });

  it('refuses content of unknown size', async () => {
    const answer = await stream(await pending({}), [Buffer.from('hello')], 'end');

    expect(answer.statusCode).toBe(400);
  });

  it('tells a sender of too much why, and keeps nothing', async () => {
    const url = await pending({ sizeBytes: 10 });

    const answer = await stream(url, [randomBytes(4), randomBytes(1_000_000)], 'end');

    const facts = (await (await fetch(url, authorized())).json()) as { status: string };
    expect(answer.statusCode).toBe(400);
    expect(facts.status).toBe('pending');
  });

  it('keeps nothing of a sender who breaks off, and takes the whole content afterwards', async () => {
    const url = await pending({ sizeBytes: 10 });

    await expect(stream(url, [randomBytes(4)], 'break')).rejects.toThrow('broken off');
    const answer = await stream(url, [randomBytes(10)], 'end');

    expect(answer.statusCode).toBe(200);
  });
});
