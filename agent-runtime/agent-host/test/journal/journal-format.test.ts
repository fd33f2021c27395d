import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { inspectJournal } from '../../src/journal/inspect-journal.ts';
import { journalFormat, migrationFrom } from '../../src/journal/journal-format.ts';
import { encodeRecord } from '../../src/journal/record-codec.ts';
import type { RecordKind } from '../../src/journal/record-codec.ts';
import { SessionStore } from '../../src/session/session-store.ts';
import { ManualTime } from '../support/manual-time.ts';
import { MemoryJournalFiles } from '../support/memory-journal-files.ts';
import { countingIds, testSessionId } from '../support/test-host.ts';

const path = '/home/sessions/s/journal.log';
const golden = join(fileURLToPath(import.meta.url), '..', '..', 'golden');

async function open(
  data: Buffer,
  files = new MemoryJournalFiles(),
): Promise<{ store: SessionStore; files: MemoryJournalFiles; damagedParts: readonly string[] }> {
  files.files.set(path, { data, durable: data });
  const deps = { files, clock: new ManualTime(), newId: countingIds() };
  const { store, damagedParts } = await SessionStore.open(path, testSessionId, deps);
  return { store, files, damagedParts };
}

describe('the format of a journal', () => {
  it('of version 1 is read as it was written by the first release', async () => {
    const { store } = await open(readFileSync(join(golden, 'journal-v1.journal')));

    expect({
      lastSeq: store.state.lastSeq,
      messages: [...store.messagesFrom()].map(({ role, content }) => [role, content]),
      effects: store.effects().map(({ toolName, proof }) => [toolName, proof]),
      task: store.state.task?.status,
      outbox: store.state.outbox.size,
    }).toMatchSnapshot();
  });

  it('of version 1 that was compacted goes forward with the places of its effects and its goal', async () => {
    const message = (id: number, role: string, more: object): [RecordKind, object] => [
      'message',
      { messageId: `m${id}`, sessionId: testSessionId, role, content: `text ${id}`, timestamp: '', ...more },
    ];
    const effect = (step: number): [RecordKind, object] => {
      const call = { toolCallId: `tc${step}`, taskId: 't2', toolName: 'WriteFile' };
      return ['intent', { ...call, stepId: `s${step}`, actionDigest: 'd', intent: call, proof: 'done' }];
    };
    const task = {
      taskId: 't2',
      prompt: 'p',
      maxSteps: 9,
      options: {},
      startedAt: '',
      status: 'TASK_RUNNING',
      stepCount: 2,
    };
    const records: [RecordKind, object][] = [
      ['header', { format: 1, sessionId: testSessionId, createdAt: '', firstSeq: 9 }],
      ['bundle', { jws: 'jws', version: 1 }],
      message(0, 'user', { taskId: 't1' }),
      message(1, 'assistant', { taskId: 't1', stepId: 's0' }),
      message(2, 'user', { taskId: 't2' }),
      message(3, 'assistant', { taskId: 't2', stepId: 's1' }),
      message(4, 'tool', { taskId: 't2', stepId: 's1', toolCallId: 'tc1' }),
      message(5, 'assistant', { taskId: 't2', stepId: 's2' }),
      message(6, 'tool', { taskId: 't2', stepId: 's2', toolCallId: 'tc2' }),
      effect(1),
      effect(2),
      [
        'checkpoint',
        {
          lastSeq: 8,
          task: { ...task, goalMessageId: 'm2' },
          tasks: [],
          usage: { inputTokens: 0, outputTokens: 0, sessionTokensUsed: 0 },
          auditedSeq: 8,
          untrustedRead: false,
          acceptedTasks: [],
          outcomes: [],
        },
      ],
    ];
    const data = Buffer.concat(
      records.map(([kind, value], number) => encodeRecord(number, kind, JSON.stringify(value))),
    );

    const { store, files } = await open(data);
    const found = store.effects().map(({ toolCallId, at }) => [toolCallId, at]);
    store.emit('session_rewound', { checkpointId: 'm4', restored: [], refused: [], messages: 5 });
    await store.sync();
    const again = (await open(files.files.get(path)!.data, files)).store;

    expect(found).toEqual([
      ['tc1', 4],
      ['tc2', 6],
    ]);
    expect(store.state.title).toEqual({ text: 'text 0', at: 0 });
    expect(again.effects().map(({ toolCallId }) => toolCallId)).toEqual(['tc1']);
    expect([...again.messagesFrom()].map(({ messageId }) => messageId)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    expect(again.state.task).toEqual({ ...task, goalMessageId: 'm2', goalIndex: 2 });
    expect(inspectJournal(files.files.get(path)!.data).format).toBe(journalFormat);
  });

  it('of version 2 is read as it was written, with the part that was sealed', async () => {
    const files = new MemoryJournalFiles();
    const part = readFileSync(join(golden, 'part-000001.sealed'));
    files.files.set('/home/sessions/s/part-000001.sealed', { data: part, durable: part });

    const { store, damagedParts } = await open(readFileSync(join(golden, 'journal-v2.journal')), files);

    expect({
      damagedParts,
      lastSeq: store.state.lastSeq,
      sealed: store.state.sealed.map(({ name, first, end }) => [name, first, end]),
      messages: [...store.messagesFrom()].map(({ role, content }) => [role, content]),
      effects: store.effects().map(({ toolCallId, proof, at }) => [toolCallId.at(-1), proof, at]),
      approvals: ['10', '19'].map((id) => store.approval(`appr_${id.padStart(26, '0')}`)?.status),
      title: store.state.title,
      goalIndex: store.state.task?.goalIndex,
      outbox: store.state.outbox.size,
    }).toEqual({
      damagedParts: [],
      lastSeq: 11,
      sealed: [['part-000001.sealed', 0, 3]],
      messages: [
        ['user', 'Write two golden files'],
        ['assistant', 'I write one. ünïcode ✓'],
        ['tool', 'Created one.txt'],
        ['assistant', 'I write two. ünïcode ✓'],
        ['tool', 'Created two.txt'],
        ['assistant', 'Both are written.'],
      ],
      effects: [
        ['6', 'done', 2],
        ['5', 'done', 4],
      ],
      approvals: ['approved', 'approved'],
      title: { text: 'Write two golden files', at: 0 },
      goalIndex: 0,
      outbox: 1,
    });
  });

  it('of a later version is refused in a sentence, and the file is left as it is', async () => {
    const header = { format: journalFormat + 1, sessionId: 's', createdAt: '2026-01-01T00:00:00.000Z', firstSeq: 1 };
    const data = Buffer.concat([encodeRecord(0, 'header', JSON.stringify(header)), Buffer.from('torn')]);
    const files = new MemoryJournalFiles();
    files.files.set(path, { data, durable: data });
    const deps = { files, clock: new ManualTime(), newId: countingIds() };

    const refused = SessionStore.open(path, 's', deps);

    await expect(refused).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('written by a newer Steward'),
    });
    expect(files.files.get(path)!.data).toEqual(data);
    expect(inspectJournal(data).state).toBe('newer');
  });

  it('with a kind of record that nobody knows is refused, and the file is left as it is', async () => {
    const header = { format: journalFormat, sessionId: 's', createdAt: '2026-01-01T00:00:00.000Z', firstSeq: 1 };
    const data = Buffer.concat([
      encodeRecord(0, 'header', JSON.stringify(header)),
      encodeRecord(1, 'invented' as never, '{}'),
    ]);

    await expect(open(data)).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('invented') });
  });

  it('goes forward one step at a time', () => {
    const steps = new Map([
      [1, () => (kind: RecordKind, json: string) => ({ kind, json: `${json}+2` })],
      [2, () => (kind: RecordKind, json: string) => ({ kind, json: `${json}+3` })],
    ]);

    expect(migrationFrom(1, steps, 3)('event', 'one')).toEqual({ kind: 'event', json: 'one+2+3' });
    expect(() => migrationFrom(0, steps, 3)).toThrow("can't be read any more");
  });
});
