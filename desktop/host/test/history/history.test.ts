import { afterEach, describe, expect, it } from '@jest/globals';
import type { WorkspacePaths } from '@steward/sdk';
import { StewardError, createServiceClient } from '@steward/sdk';
import { createHistory } from '../../src/history/history.ts';
import type { History, HistoryDeps } from '../../src/history/history.ts';
import { startWorkspaceService } from '../support/workspace-service.ts';
import type { Answer } from '../support/workspace-service.ts';

const workspaceId = 'ws_00000000000000000000000001';
const sessionId = 'sess_00000000000000000000000001';
const artifactId = 'art_00000000000000000000000001';
const at = '2026-11-21T09:00:00.000Z';
const artifact = {
  artifactId,
  workspaceId,
  sessionId,
  artifactType: 'session_history',
  name: 'history',
  contentType: 'application/json',
  sizeBytes: 10,
  status: 'stored',
  createdAt: at,
  updatedAt: at,
};
const saved = {
  schemaVersion: 1,
  sessionId,
  workspaceId,
  snapshotAfterTaskId: 'task_00000000000000000000000001',
  messages: [{ messageId: 'msg_00000000000000000000000001', sessionId, role: 'user', content: 'Hello', timestamp: at }],
};
const list = `GET /workspaces/${workspaceId}/artifacts?sessionId=${sessionId}&artifactType=session_history&limit=50`;
const content = (id: string): string => `GET /workspaces/${workspaceId}/artifacts/${id}/content`;
const json = (value: unknown): Answer => ({ bytes: Buffer.from(JSON.stringify(value)) });

describe('history', () => {
  const stops: (() => Promise<void>)[] = [];
  const open = async (
    answers: Record<string, Answer | readonly Answer[]>,
    changes: Partial<HistoryDeps> = {},
  ): Promise<{ history: History; seen: { authorization: string | undefined }[] }> => {
    const service = await startWorkspaceService(answers);
    stops.push(() => service.stop());
    const workspaces = createServiceClient<WorkspacePaths>(service.url, { getToken: () => 'token', retry: false });
    const history = createHistory({
      workspaces,
      liveStatus: () => undefined,
      openSessionsOf: () => [],
      authorized: (call) => call(),
      ...changes,
    });
    return { history, seen: service.seen };
  };
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  it('lists workspaces by the name of their folder', async () => {
    const shared = { workspaceId, tenantId: 'acme', userId: 'alice', createdAt: at, updatedAt: at, lastActiveAt: at };
    const { history } = await open({
      'GET /workspaces?limit=50': {
        json: {
          items: [
            { ...shared, workspaceScope: 'local', localPath: '/home/alice/shop' },
            { ...shared, workspaceScope: 'general' },
          ],
          nextCursor: 'more',
        },
      },
    });

    const page = await history.listWorkspaces(undefined);

    const facts = { workspaceId, createdAt: at, lastActiveAt: at };
    expect(page).toEqual({
      nextCursor: 'more',
      items: [
        { ...facts, scope: 'local', localPath: '/home/alice/shop', name: 'shop' },
        { ...facts, scope: 'general', localPath: null, name: 'General chat' },
      ],
    });
  });

  it('lists sessions with the status of those that are open here', async () => {
    const other = 'sess_00000000000000000000000002';
    const session = {
      sessionId,
      workspaceId,
      artifactId,
      snapshotAfterTaskId: saved.snapshotAfterTaskId,
      createdAt: at,
      updatedAt: at,
    };
    const { history } = await open(
      {
        [`GET /workspaces/${workspaceId}/sessions?limit=50&cursor=next`]: {
          json: {
            items: [
              { ...session, title: 'Rename' },
              { ...session, sessionId: other },
            ],
          },
        },
      },
      { liveStatus: (id) => (id === sessionId ? 'SESSION_RUNNING' : undefined) },
    );

    const { items } = await history.listSessions(workspaceId, 'next');

    expect(items.map((item) => [item.sessionId, item.title, item.status])).toEqual([
      [sessionId, 'Rename', 'SESSION_RUNNING'],
      [other, 'Untitled conversation', 'SESSION_COMPLETED'],
    ]);
  });

  it('reads the newest history that is stored, past one that is still on its way', async () => {
    const newer = {
      ...artifact,
      artifactId: 'art_00000000000000000000000002',
      status: 'pending',
      updatedAt: '2026-11-21T10:00:00.000Z',
    };
    const { history } = await open({
      [list]: { json: { items: [newer, artifact] } },
      [content(artifactId)]: json(saved),
    });

    expect(await history.getHistory(workspaceId, sessionId)).toEqual(saved);
  });

  it.each([
    ['there is none yet', { [list]: { json: { items: [] } } }, 'NOT_FOUND'],
    [
      'it is not a history',
      { [list]: { json: { items: [artifact] } }, [content(artifactId)]: json({ hello: 1 }) },
      'INTERNAL_ERROR',
    ],
    [
      'it is another session’s',
      {
        [list]: { json: { items: [artifact] } },
        [content(artifactId)]: json({ ...saved, sessionId: 'sess_00000000000000000000000009' }),
      },
      'INTERNAL_ERROR',
    ],
    ['it is too long to show', { [list]: { json: { items: [{ ...artifact, sizeBytes: 1e9 }] } } }, 'FILE_TOO_LARGE'],
  ])('says so when %s', async (_title, answers, code) => {
    const { history } = await open(answers as Record<string, Answer>);

    await expect(history.getHistory(workspaceId, sessionId)).rejects.toMatchObject({ code });
  });

  it('deletes no workspace in which a conversation is open', async () => {
    const busy = await open({}, { openSessionsOf: () => [sessionId] });
    const free = await open({ [`DELETE /workspaces/${workspaceId}`]: { json: { workspaceId } } });

    await expect(busy.history.deleteWorkspace(workspaceId)).rejects.toMatchObject({ code: 'CONFLICT' });
    await free.history.deleteWorkspace(workspaceId);

    expect([busy.seen.length, free.seen.length]).toEqual([0, 1]);
  });

  it.each([
    ['text', Buffer.from('héllo'), { text: 'héllo', truncated: false, sizeBytes: 6 }],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x01]), { text: null, truncated: false, sizeBytes: 3 }],
    ['nothing', Buffer.alloc(0), { text: '', truncated: false, sizeBytes: 0 }],
  ])('shows an artifact of %s', async (_title, bytes, shown) => {
    const path = `/workspaces/${workspaceId}/artifacts/${artifactId}`;
    const { history } = await open({
      [`GET ${path}`]: { json: { ...artifact, contentType: 'text/plain', sizeBytes: bytes.length } },
      [content(artifactId)]: { bytes },
    });

    expect(await history.getArtifact(workspaceId, artifactId)).toEqual({ contentType: 'text/plain', ...shown });
  });

  it('shows the beginning of a long text, never half a character', async () => {
    const path = `/workspaces/${workspaceId}/artifacts/${artifactId}`;
    const whole = Buffer.from('é'.repeat(10));
    const { history } = await open({
      [`GET ${path}`]: { json: { ...artifact, sizeBytes: 5_000_000 } },
      [content(artifactId)]: { status: 206, bytes: whole.subarray(0, 9) },
    });

    expect(await history.getArtifact(workspaceId, artifactId)).toMatchObject({ text: 'éééé', truncated: true });
  });

  it('passes the service’s refusal on', async () => {
    const { history } = await open({});

    await expect(history.listSessions(workspaceId, undefined)).rejects.toBeInstanceOf(StewardError);
  });
});
