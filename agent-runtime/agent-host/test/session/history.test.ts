import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { validateSessionHistory } from '@steward/sdk';
import type { ArtifactInput } from '@steward/tool-port';
import { uploadHistory } from '../../src/session/history.ts';
import { SessionStore } from '../../src/session/session-store.ts';
import { ManualTime } from '../support/manual-time.ts';
import { MemoryJournalFiles } from '../support/memory-journal-files.ts';
import { countingIds, testSessionId } from '../support/test-host.ts';

const taskId = `task_${'1'.padStart(26, '0')}`;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'steward-history-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function storeWith(messages: number, chars: number): Promise<SessionStore> {
  const newId = countingIds();
  const deps = { files: new MemoryJournalFiles(), clock: new ManualTime(), newId };
  const { store } = await SessionStore.open('/home/sessions/s/journal.log', testSessionId, deps);
  store.record('session', {
    sessionId: testSessionId,
    workspaceId: 'ws_01ARZ3NDEKTSV4RRFFQ69G5FAV',
    createdAt: '2026-11-21T06:00:00.000Z',
    params: {} as never,
    featureFlags: { approvalUiEnabled: true, mcpEnabled: true, contextSummaries: false },
    model: 'm',
    demoModel: false,
  });
  store.emit('task_started', { prompt: 'p', maxSteps: 4 }, { taskId });
  for (let number = 0; number < messages; number += 1)
    store.emit('user_message', { messageId: newId('msg'), content: `${number} ✓ ${'x'.repeat(chars)}` }, { taskId });
  await store.compact();
  return store;
}

/** What a service gets: how it came, and what it says. */
async function uploaded(store: SessionStore, scratch: string): Promise<{ kind: string; history: unknown }> {
  let got: { kind: string; history: unknown } | undefined;
  const backend = {
    uploadArtifact: (_workspaceId: string, _artifact: unknown, source: ArtifactInput['source']) => {
      const bytes = source.kind === 'file' ? readFileSync(source.path) : Buffer.from(source.bytes);
      if (source.kind === 'file') expect(source.sizeBytes).toBe(bytes.length);
      got = { kind: source.kind, history: JSON.parse(bytes.toString('utf8')) };
      return Promise.resolve();
    },
  };
  await uploadHistory({ backend: backend as never, newId: countingIds() }, store, taskId, scratch);
  return got!;
}

describe('the history of a conversation', () => {
  it.each([
    ['short', 5, 10, 'bytes'],
    ['longer than memory should hold', 300, 9_000, 'file'],
  ])(
    'is uploaded whole when it is %s, and leaves no file behind',
    async (_what, messages, chars, kind) => {
      const store = await storeWith(messages, chars);
      const scratch = join(folder, 'a', `${kind}.json`);

      const { kind: came, history } = await uploaded(store, scratch);

      expect(came).toBe(kind);
      expect(validateSessionHistory(history)).toBe(true);
      expect(history).toEqual({
        schemaVersion: 1,
        sessionId: testSessionId,
        workspaceId: 'ws_01ARZ3NDEKTSV4RRFFQ69G5FAV',
        snapshotAfterTaskId: taskId,
        title: store.state.title!.text,
        tasks: [{ taskId, ...store.state.tasks.get(taskId) }],
        messages: [...store.messagesFrom()],
      });
      expect((history as { messages: unknown[] }).messages).toHaveLength(messages);
      expect(existsSync(scratch)).toBe(false);
    },
    120_000,
  );
});
