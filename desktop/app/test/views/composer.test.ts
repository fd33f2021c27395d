import { describe, expect, it } from '@jest/globals';
import { blockedReason } from '../../src/views/conversation/composer-reason.ts';
import { insertMention, mentionAt } from '../../src/views/conversation/mention.ts';

describe('mentionAt', () => {
  it('finds the mention that the caret stands in', () => {
    expect(mentionAt('look at @src/cl', 15)).toEqual({ start: 8, end: 15, query: 'src/cl' });
    expect(mentionAt('@', 1)).toEqual({ start: 0, end: 1, query: '' });
  });

  it('finds none in an address or after a space', () => {
    expect(mentionAt('bob@example.com', 15)).toBeNull();
    expect(mentionAt('@a b', 4)).toBeNull();
  });
});

describe('insertMention', () => {
  it('replaces what was typed and puts the caret behind it', () => {
    const mention = { start: 3, end: 6, query: 'cl' };

    expect(insertMention('at @cl now', mention, 'src/client.ts')).toEqual({ text: 'at @src/client.ts now', caret: 18 });
  });
});

describe('blockedReason', () => {
  const ready = {
    connection: 'up',
    conversation: { runtime: 'running', interruption: null, pause: null },
    running: false,
    ended: null,
  } as const;

  it('lets a prompt through when nothing stands in the way', () => {
    expect(blockedReason(ready)).toBeNull();
  });

  it('names the one thing that stands in the way', () => {
    const pause = { code: 'RATE_LIMITED', message: 'x', since: '2026-11-21T08:00:00.000Z' } as const;
    expect([
      blockedReason({ ...ready, connection: 'down' }),
      blockedReason({ ...ready, running: true }),
      blockedReason({ ...ready, ended: 'completed' }),
      blockedReason({ ...ready, conversation: { ...ready.conversation, runtime: 'starting' } }),
      blockedReason({ ...ready, conversation: { ...ready.conversation, runtime: 'crashed' } }),
      blockedReason({ ...ready, conversation: { ...ready.conversation, pause } }),
    ]).toEqual([
      'No connection to Steward on this machine.',
      'The agent is working. Send when it is done, or cancel.',
      'This conversation has ended. Continue it from History.',
      'The agent runtime is starting.',
      'The runtime stopped. Choose how to go on above.',
      'The conversation is paused. Resume it above.',
    ]);
  });
});
