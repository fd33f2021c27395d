import { describe, expect, it } from '@jest/globals';
import type { ChatMessage } from '../../src/demo-gateway/chat-types.ts';
import { readProgress } from '../../src/demo-gateway/thread.ts';

function call(id: string, name: string): ChatMessage {
  return {
    role: 'assistant',
    content: null,
    tool_calls: [{ id, type: 'function', function: { name, arguments: '{"path":"a"}' } }],
  };
}

function result(id: string, content: string): ChatMessage {
  return { role: 'tool', tool_call_id: id, content };
}

describe('reading a thread', () => {
  it('takes the last prompt and what was done since, without provenance lines', () => {
    const progress = readProgress([
      { role: 'user', content: 'first' },
      call('1', 'ReadFile'),
      result('1', 'old'),
      { role: 'user', content: [{ type: 'text', text: 'second' }] },
      call('2', 'ReadFile'),
      result('2', '[untrusted content from repository file a]\nnew'),
      call('3', 'WriteFile'),
    ]);

    expect(progress).toEqual({
      prompt: 'second',
      done: [{ name: 'ReadFile', arguments: { path: 'a' }, result: 'new' }],
      saidSoFar: '',
    });
  });

  it('reads a file that the person named with @ as its path, and leaves addresses alone', () => {
    const { prompt } = readProgress([{ role: 'user', content: 'Explain @src/a.ts (and @b.ts) to me@example.com' }]);

    expect(prompt).toBe('Explain src/a.ts (and b.ts) to me@example.com');
  });

  it('does not take the mark of left out messages for a prompt', () => {
    const progress = readProgress([
      { role: 'user', content: 'the goal' },
      { role: 'user', content: '[12 earlier messages were left out here to fit the context window]' },
      call('1', 'ReadFile'),
      result('1', 'Error: gone'),
    ]);

    expect([progress.prompt, progress.done.length]).toEqual(['the goal', 1]);
  });

  it('forgets failures when the person says to go on', () => {
    const progress = readProgress([
      { role: 'user', content: 'the goal' },
      call('1', 'WriteFile'),
      result('1', 'CAPABILITY_DENIED: not now'),
      call('2', 'ReadFile'),
      result('2', 'content'),
      { role: 'assistant', content: 'I could not.' },
      { role: 'user', content: 'continue, please' },
    ]);

    expect(progress).toEqual({
      prompt: 'the goal',
      done: [{ name: 'ReadFile', arguments: { path: 'a' }, result: 'content' }],
      saidSoFar: '',
    });
  });

  it('survives damaged arguments and an empty thread', () => {
    const damaged: ChatMessage = {
      role: 'assistant',
      tool_calls: [{ id: '1', type: 'function', function: { name: 'ReadFile', arguments: '{' } }],
    };

    expect(readProgress([damaged, result('1', 'x')])).toEqual({
      prompt: '',
      done: [{ name: 'ReadFile', arguments: {}, result: 'x' }],
      saidSoFar: '',
    });
    expect(readProgress([])).toEqual({ prompt: '', done: [], saidSoFar: '' });
  });
});
