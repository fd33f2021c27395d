import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ServiceUnreachableError, StewardError } from '@steward/sdk';
import { TestHost, callsOf, testSessionId } from '../support/test-host.ts';
import { settle } from '../support/manual-time.ts';

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  await host.open();
});
afterEach(() => host.close());

const paths = (): string[] => host.backend.sent.map(({ request }) => `${request.method} ${request.path}`);

/** Lets a call fail so many times before it works. */
const failingTimes =
  (times: number) =>
  <A extends unknown[]>(call: (...args: A) => Promise<void>): ((...args: A) => Promise<void>) => {
    let left = times;
    return (...args) => {
      left -= 1;
      return left >= 0 ? Promise.reject(new ServiceUnreachableError('away')) : call(...args);
    };
  };

describe('the outbox', () => {
  it('sends what a task leaves behind, in order, without the task waiting for it', async () => {
    await host.ended(await host.start());
    await host.time.advance(1_000);

    expect(paths()).toEqual([
      `PATCH /sessions/${testSessionId}`,
      `POST /sessions/${testSessionId}/tasks`,
      `POST /sessions/${testSessionId}/tasks`,
    ]);
    expect(host.backend.uploads).toMatchObject([{ artifactType: 'session_history', sessionId: testSessionId }]);
    const { outbox } = await host.peer.request('GetSessionState', { sessionId: testSessionId });
    expect(outbox).toMatchObject({ waiting: 0 });
  });

  it('keeps everything while the services are away, says so, and sends it once, in order, when they are back', async () => {
    host.backend.failure = new ServiceUnreachableError('away');
    await host.ended(await host.start());
    await host.time.advance(60_000);
    const away = await host.peer.request('GetSessionState', { sessionId: testSessionId });
    host.backend.failure = undefined;
    await host.time.advance(60_000);
    const back = await host.peer.request('GetSessionState', { sessionId: testSessionId });

    const audited = host.backend.audited as { eventId: string; payload: { seq: number } }[];
    expect(away.outbox!.waiting).toBeGreaterThan(10);
    // The first failure, the full amount once it was there, and the end.
    expect(host.types().filter((type) => type === 'outbox_changed')).toHaveLength(3);
    expect(back.outbox!.waiting).toBe(0);
    expect(paths()).toHaveLength(3);
    expect(new Set(audited.map(({ eventId }) => eventId)).size).toBe(audited.length);
    expect(audited.map(({ payload }) => payload.seq)).toEqual(
      [...audited.map(({ payload }) => payload.seq)].sort((a, b) => a - b),
    );
  });

  it('says how much waits now and when something was sent last, as often as that grows and no more often', async () => {
    await host.ended(await host.start());
    await host.time.advance(60_000);
    const lastSentAt = (await host.peer.request('GetSessionState', { sessionId: testSessionId })).outbox!.lastSentAt;
    host.backend.failure = new ServiceUnreachableError('away');
    await host.ended(await host.start('Again'));
    await host.time.advance(120_000);
    const once = host.events.filter(({ eventType }) => eventType === 'outbox_changed').length;
    await host.ended(await host.start('And again'));
    await host.time.advance(600_000);

    const said = host.events.filter(({ eventType }) => eventType === 'outbox_changed').map(({ payload }) => payload);
    const waiting = said.map((payload) => payload['waiting'] as number);
    expect(lastSentAt).toEqual(expect.any(String));
    expect(said.map((payload) => payload['lastSentAt'])).toEqual(said.map(() => lastSentAt));
    expect(said.length).toBeGreaterThan(once);
    expect(said.length).toBeLessThan(8);
    expect(waiting).toEqual([...waiting].sort((a, b) => a - b));
  });

  it('repeats a request under the same key', async () => {
    const keys: string[] = [];
    let failures = 2;
    const send = host.backend.send.bind(host.backend);
    host.backend.send = (request, key) => {
      keys.push(key);
      failures -= 1;
      return failures >= 0 ? Promise.reject(new ServiceUnreachableError('away')) : send(request, key);
    };
    await host.ended(await host.start());
    await host.time.advance(10_000);

    expect(keys.slice(0, 3)).toEqual([keys[0], keys[0], keys[0]]);
    expect(new Set(keys).size).toBe(3);
  });

  it('is not blocked by a request that is refused for good', async () => {
    const send = host.backend.send.bind(host.backend);
    host.backend.send = (request, key) =>
      request.method === 'PATCH' ? Promise.reject(new StewardError('INVALID_REQUEST', 'no')) : send(request, key);
    await host.ended(await host.start());
    await host.time.advance(1_000);

    expect(paths()).toEqual([`POST /sessions/${testSessionId}/tasks`, `POST /sessions/${testSessionId}/tasks`]);
    expect(host.log.some((line) => line.includes('refused a request for good'))).toBe(true);
  });

  it('sends neither contents nor pieces of text to the Audit Service', async () => {
    host.tools.behaviour = (_request, { onOutput }) => {
      onOutput('secret content');
      return { outputText: 'secret content' };
    };
    host.model.next = (index) =>
      index === 0
        ? callsOf({ name: 'ReadFile', arguments: { path: '/project/a.txt' } })
        : { text: 'Answer with contents', toolCalls: [], finishReason: 'stop' };
    await host.ended(await host.start());
    await host.time.advance(1_000);

    const audited = host.backend.audited as { eventType: string; tenantId: string; component: string }[];
    expect(JSON.stringify(audited)).not.toContain('secret content');
    expect(JSON.stringify(audited)).not.toContain('Answer with contents');
    expect(audited.map(({ eventType }) => eventType)).toContain('tool_completed');
    expect(audited.some(({ eventType }) => eventType.endsWith('_chunk'))).toBe(false);
    expect(audited[0]).toMatchObject({ tenantId: 'acme', component: 'LocalAgentHost' });
  });

  it('still holds after a restart what could not be sent before', async () => {
    host.backend.failure = new ServiceUnreachableError('away');
    await host.ended(await host.start());
    await settle();
    await host.server.stop();
    const again = new TestHost({ files: host.files, home: host.home, time: host.time });
    await again.greet();
    // The real journal lies in memory here, but the runtime looks for the file before it opens it.
    const { mkdirSync, writeFileSync } = await import('node:fs');
    mkdirSync(`${host.home}/sessions/${testSessionId}`, { recursive: true });
    writeFileSync(`${host.home}/sessions/${testSessionId}/journal.log`, '');

    await again.peer.request('ResumeSession', { sessionId: testSessionId });
    await again.time.advance(1_000);

    expect(again.backend.sent).toHaveLength(3);
    expect(again.backend.uploads).toHaveLength(1);
    expect((again.backend.audited as { eventType: string }[]).map(({ eventType }) => eventType)).toContain(
      'task_completed',
    );
    await again.server.stop();
  });

  it('tries again when the conversation ends and a service fails for a moment, so that nothing is left behind', async () => {
    host.backend.send = failingTimes(1)(host.backend.send.bind(host.backend));
    host.backend.appendAuditEvents = failingTimes(1)(host.backend.appendAuditEvents.bind(host.backend));
    await host.start();

    const answer = host.peer.request('Shutdown', { completeSession: true });
    await host.time.advance(1_000);

    expect(await answer).toEqual({});
    expect(paths()).toContain(`POST /sessions/${testSessionId}/complete`);
    expect((host.backend.audited as { eventType: string }[]).at(-1)).toMatchObject({ eventType: 'session_completed' });
    expect(existsSync(join(host.home, 'sessions', testSessionId))).toBe(false);
  });

  it('does not hold up the end for long where a service can not be reached, nor keep it from the others', async () => {
    host.backend.uploadArtifact = () => Promise.reject(new ServiceUnreachableError('away'));
    await host.ended(await host.start());

    const answer = host.peer.request('Shutdown', { completeSession: true });
    await host.time.advance(1_100);

    expect(await answer).toEqual({});
    expect(paths()).toContain(`POST /sessions/${testSessionId}/complete`);
    expect((host.backend.audited as { eventType: string }[]).map(({ eventType }) => eventType)).toContain(
      'session_completed',
    );
    expect(existsSync(join(host.home, 'sessions', testSessionId, 'ended'))).toBe(true);
  });

  it('gives a service that hangs no more than the time there is', async () => {
    host.backend.uploadArtifact = () => new Promise(() => undefined);
    await host.ended(await host.start());

    const answer = host.peer.request('Shutdown', { completeSession: true });
    await host.time.advance(15_000);

    expect(await answer).toEqual({});
    expect(paths()).toContain(`POST /sessions/${testSessionId}/complete`);
  });
});
