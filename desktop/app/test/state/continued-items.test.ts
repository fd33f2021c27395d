import { describe, expect, it } from '@jest/globals';
import type { ConversationMessage } from '@steward/contracts';
import { continuedItems } from '../../src/state/continued-items.ts';

const startedAt = '2026-02-21T15:00:00.000Z';
const messages: ConversationMessage[] = ['m1', 'm2'].map((messageId) => ({
  messageId,
  sessionId: 's1',
  role: 'user',
  content: `Say ${messageId}`,
  timestamp: '2026-02-21T14:00:00.000Z',
}));
const shown = (messageId: string) => ({
  kind: 'user',
  id: messageId,
  content: `Say ${messageId}`,
  at: '2026-02-21T14:00:00.000Z',
  taskId: null,
});
const endLine = { kind: 'notice', id: 'continued', tone: 'info', notice: { type: 'continued' }, at: startedAt };

describe('a continued conversation', () => {
  it('shows the messages it began with, and where they end', () => {
    const items = continuedItems({ messages, failed: false, startedAt });

    expect(items).toEqual([shown('m1'), shown('m2'), endLine]);
  });

  it('shows them up to the message that it was forked at', () => {
    const items = continuedItems({ messages, failed: false, at: 'm1', startedAt });

    expect(items).toEqual([shown('m1'), endLine]);
  });

  it('shows nothing while they are on their way', () => {
    expect(continuedItems({ messages: null, failed: false, startedAt })).toEqual([]);
  });

  it('says when they can not be shown', () => {
    const items = continuedItems({ messages: null, failed: true, startedAt });

    expect(items).toEqual([
      {
        kind: 'notice',
        id: 'continued_failed',
        tone: 'warning',
        notice: { type: 'continued_failed' },
        at: startedAt,
      },
    ]);
  });

  it('keeps them while they are asked for again in vain', () => {
    expect(continuedItems({ messages, failed: true, startedAt })).toEqual([shown('m1'), shown('m2'), endLine]);
  });
});
