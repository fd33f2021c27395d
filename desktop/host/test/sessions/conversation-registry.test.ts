import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openConversationRegistry } from '../../src/sessions/conversation-registry.ts';
import type { ConversationRecord, ConversationRegistry } from '../../src/sessions/conversation-registry.ts';
import { temporaryHome } from '../support/temporary-home.ts';
import type { TemporaryHome } from '../support/temporary-home.ts';

const record: ConversationRecord = {
  sessionId: 'sess_00000000000000000000000001',
  workspaceId: 'ws_00000000000000000000000001',
  userId: 'alice',
  tenantId: 'acme',
  title: 'Rename',
  projectDir: '/home/alice/shop',
  model: 'demo',
  demoModel: true,
  startedAt: '2026-11-21T09:00:00.000Z',
  continuedFrom: null,
};
const other: ConversationRecord = { ...record, sessionId: 'sess_00000000000000000000000002', projectDir: null };

describe('the conversation registry', () => {
  let home: TemporaryHome;
  let path: string;
  const damaged: string[] = [];
  const open = (): Promise<ConversationRegistry> => openConversationRegistry(path, (keptAs) => damaged.push(keptAs));

  beforeEach(async () => {
    home = await temporaryHome();
    path = join(home.path, 'conversations.json');
    damaged.length = 0;
  });
  afterEach(() => home.remove());

  it('finds after a restart what was put and not removed', async () => {
    const first = await open();
    await Promise.all([first.put(record), first.put(other), first.put({ ...record, title: 'Renamed' })]);
    await first.remove(other.sessionId);

    const second = await open();

    expect(second.list()).toEqual([{ ...record, title: 'Renamed' }]);
  });

  it.each(['{', '{}', '[{"sessionId":"../../etc"}]'])('sets %s aside and starts empty', async (content) => {
    await writeFile(path, content);

    const registry = await open();

    expect([registry.list(), damaged]).toEqual([[], [`${path}.damaged`]]);
    expect(await readFile(`${path}.damaged`, 'utf8')).toBe(content);
  });
});
