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

async function open(data: Buffer): Promise<{ store: SessionStore; files: MemoryJournalFiles }> {
  const files = new MemoryJournalFiles();
  files.files.set(path, { data, durable: data });
  const deps = { files, clock: new ManualTime(), newId: countingIds() };
  const { store } = await SessionStore.open(path, testSessionId, deps);
  return { store, files };
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
