import { describe, expect, it } from '@jest/globals';
import type { ConversationMessage } from '@steward/contracts';
import fc from 'fast-check';
import { SessionStore } from '../../src/session/session-store.ts';
import { ManualTime, settle } from '../support/manual-time.ts';
import { MemoryJournalFiles } from '../support/memory-journal-files.ts';
import { countingIds, testSessionId } from '../support/test-host.ts';

const path = '/home/sessions/s/journal.log';

async function open(files: MemoryJournalFiles, options: { keepEvents?: number } = {}): Promise<SessionStore> {
  const { store } = await SessionStore.open(path, testSessionId, {
    files,
    clock: new ManualTime(),
    newId: countingIds(),
    ...options,
  });
  return store;
}

type Act =
  | 'task'
  | 'message'
  | 'chunk'
  | 'step'
  | 'end'
  | 'outbox'
  | 'audited'
  | 'intent'
  | 'outcome'
  | 'approval'
  | 'pause'
  | 'resume';
const acts = fc.array(
  fc.constantFrom<Act>(
    'task',
    'message',
    'chunk',
    'step',
    'end',
    'outbox',
    'audited',
    'intent',
    'outcome',
    'approval',
    'pause',
    'resume',
  ),
  { maxLength: 40 },
);

function play(store: SessionStore, act: Act, index: number): void {
  const taskId = `task_${index}`;
  const message: ConversationMessage = {
    messageId: `msg_${index}`,
    sessionId: testSessionId,
    role: 'assistant',
    content: `text ${index}`,
    timestamp: '2026-11-21T06:00:00.000Z',
    provenance: { source: 'web', trust: index % 2 === 0 ? 'untrusted' : 'trusted' },
  };
  const request = {
    approvalId: `appr_${index}`,
    sessionId: testSessionId,
    taskId,
    stepId: 's',
    toolCallId: 't',
    title: '',
    actionSummary: '',
    riskLevel: 'low',
    reasonCodes: [],
    details: { toolName: 'x', arguments: {} },
    subject: { kind: 'command' },
    actionDigest: 'd',
    allowedScopes: ['once'],
    createdAt: '',
    expiresAt: '',
    status: 'pending',
  } as never;
  switch (act) {
    case 'task':
      return void store.emit('task_started', { prompt: 'p', maxSteps: 4 }, { taskId });
    case 'message':
      return void store.emit('message_completed', { message });
    case 'chunk':
      return void store.emit('text_chunk', { messageId: 'm', offset: 0, text: 'x'.repeat(index) });
    case 'step':
      return void store.emit('step_started', { stepNumber: index, maxSteps: 4 }, { stepId: `step_${index}` });
    case 'end':
      return void store.emit('task_completed', { stepCount: 1 });
    case 'outbox':
      return store.record('outbox', {
        id: `req_${index}`,
        request: { service: 'session', method: 'POST', path: '/x', body: { index } },
      });
    case 'audited':
      return store.record('audited', { seq: store.state.lastSeq });
    case 'intent':
      return store.record('intent', {
        toolCallId: `tc_${index}`,
        taskId,
        stepId: 's',
        toolName: 'WriteFile',
        actionDigest: 'd',
        intent: { toolCallId: `tc_${index}`, taskId, toolName: 'WriteFile' },
      });
    case 'outcome':
      return store.record('outcome', {
        toolCallId: `tc_${index - 1}`,
        proof: 'done',
        result: { toolName: 'WriteFile', sessionId: testSessionId, taskId, stepId: 's', status: 'succeeded' },
      });
    case 'approval':
      return store.record('approval', { request, status: 'held', remainingMs: index, grantKey: 'k' });
    case 'pause':
      return void store.emit('session_paused', { code: 'INTERNAL_ERROR', message: 'm', since: 's', waitsFor: 'disk' });
    case 'resume':
      return void store.emit('session_resumed', {});
  }
}

const comparable = (store: SessionStore): unknown =>
  JSON.parse(
    JSON.stringify(store.state, (_key, value: unknown) =>
      value instanceof Map || value instanceof Set ? [...value] : value,
    ),
  );

describe('the session store', () => {
  it('has after a restart the state it had before, whatever happened', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (list) => {
        const files = new MemoryJournalFiles();
        const store = await open(files);
        for (const [index, act] of list.entries()) play(store, act, index);
        await store.sync();
        files.cutPower();

        const again = await open(files);

        expect(comparable(again)).toEqual(comparable(store));
        expect(again.readEvents(1, 1000)).toEqual(store.readEvents(1, 1000));
      }),
    );
  });

  it('has the same state and the newest events after it was compacted and went on', async () => {
    await fc.assert(
      fc.asyncProperty(acts, acts, fc.nat({ max: 10 }), async (before, after, keepEvents) => {
        const files = new MemoryJournalFiles();
        const store = await open(files, { keepEvents });
        for (const [index, act] of before.entries()) play(store, act, index);
        const all = store.readEvents(1, 1000);
        await store.compact();
        for (const [index, act] of after.entries()) play(store, act, 100 + index);
        await store.sync();
        const live = store.readEvents(store.firstSeq, 1000);
        files.cutPower();

        const again = await open(files, { keepEvents });

        expect(comparable(again)).toEqual(comparable(store));
        expect(again.firstSeq).toBe(store.firstSeq);
        expect(again.readEvents(again.firstSeq, 1000)).toEqual(live);
        expect(live.slice(0, all.length - store.firstSeq + 1)).toEqual(all.slice(store.firstSeq - 1));
      }),
    );
  });

  it('reads old events back from the disk when memory no longer holds them', async () => {
    const files = new MemoryJournalFiles();
    const store = await open(files);
    for (let index = 0; index < 2_000; index += 1)
      store.emit('text_chunk', { messageId: 'm', offset: index, text: 'x' });
    await store.sync();

    const events = [...store.readEvents(1, 700), ...store.readEvents(701, 1000), ...store.readEvents(1701, 1000)].map(
      (json) => (JSON.parse(json) as { seq: number }).seq,
    );

    expect(events).toEqual(Array.from({ length: 2_000 }, (_, index) => index + 1));
  });

  it('tells nobody of an event that the operating system does not have yet', async () => {
    const files = new MemoryJournalFiles();
    const store = await open(files);
    const heard: number[] = [];
    store.subscribe(() => heard.push(files.files.get(path)!.data.length));

    store.emit('session_resumed', {});
    const before = heard.length;
    await settle();

    expect(before).toBe(0);
    expect(heard[0]).toBeGreaterThan(0);
  });

  it('refuses a journal of a newer format', async () => {
    const files = new MemoryJournalFiles();
    const store = await open(files);
    await store.sync();
    const file = files.files.get(path)!;
    const { encodeRecord } = await import('../../src/journal/record-codec.ts');
    file.data = encodeRecord(
      0,
      'header',
      JSON.stringify({ format: 99, sessionId: testSessionId, createdAt: '', firstSeq: 1 }),
    );

    await expect(open(files)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('format 99'),
    });
  });
});
