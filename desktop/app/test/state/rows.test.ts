import { describe, expect, it } from '@jest/globals';
import { activityOf } from '../../src/state/activity.ts';
import { emptyFeed, receive } from '../../src/state/feed.ts';
import { formatRoute, outOf, parseRoute } from '../../src/state/route.ts';
import type { Route } from '../../src/state/route.ts';
import { toRows } from '../../src/state/rows.ts';
import { itemsFromMessages } from '../../src/state/thread-from-history.ts';
import { readsSentence, toolSentence } from '../../src/text/tools.ts';
import { EventScript, wholeTask } from './events.ts';

const threadOf = (script: EventScript) => receive(emptyFeed, script.events).thread;

describe('toRows', () => {
  it('folds consecutive finished reads and leaves everything else alone', () => {
    const script = new EventScript();
    for (const [id, name] of [
      ['1', 'ReadFile'],
      ['2', 'ReadFile'],
      ['3', 'SearchText'],
      ['4', 'RunCommand'],
      ['5', 'ReadFile'],
    ] as const) {
      script.add('tool_completed', { toolCallId: `tc_${id}`, toolName: name, status: 'succeeded' });
    }

    const rows = toRows(threadOf(script).items);

    expect(rows.map((row) => row.key)).toEqual(['reads:tc_1', 'tc_4', 'tc_5']);
    expect(rows[0]?.type === 'reads' && readsSentence(rows[0].tools)).toBe('Read 2 files, searched once');
  });
});

describe('activityOf', () => {
  it('says what happens at every moment of a task', () => {
    const events = wholeTask();
    const said = events.map((_, index) => activityOf(receive(emptyFeed, events.slice(0, index + 1)).thread, null));

    expect(said.slice(2)).toEqual([
      'Preparing',
      'Preparing',
      'Waiting for the model',
      'Writing',
      'Writing',
      'Waiting for the model',
      'Checking the policy: package.json',
      'Waiting for the model',
      'Checking the policy: npm test',
      'Wants to run npm test',
      'Waits for your approval: Run npm test',
      'Running npm test',
      'Running npm test',
      'Waiting for the model',
      'Waiting for the model',
      'Preparing',
      '',
    ]);
  });
});

describe('itemsFromMessages', () => {
  it('draws a saved thread with its tool cards', () => {
    const base = { sessionId: 'sess_1', timestamp: '2026-11-21T08:00:00.000Z' };
    const items = itemsFromMessages([
      { ...base, messageId: 'msg_0', role: 'system', content: 'secret instructions' },
      { ...base, messageId: 'msg_1', role: 'user', content: 'Hi' },
      {
        ...base,
        messageId: 'msg_2',
        role: 'assistant',
        content: '',
        toolCalls: [{ toolCallId: 'tc_1', toolName: 'RunCommand', arguments: { command: 'npm test' } }],
      },
      {
        ...base,
        messageId: 'msg_3',
        role: 'tool',
        content: 'PASS',
        toolCallId: 'tc_1',
        toolResult: { toolName: 'RunCommand', status: 'succeeded', durationMs: 5 },
      },
      { ...base, messageId: 'msg_4', role: 'assistant', content: 'Done.' },
    ]);

    expect(items).toMatchObject([
      { kind: 'user', content: 'Hi' },
      { kind: 'tool', id: 'tc_1', phase: 'succeeded', output: 'PASS', durationMs: 5 },
      { kind: 'assistant', content: 'Done.' },
    ]);
    expect(items[1]?.kind === 'tool' && toolSentence(items[1])).toBe('Ran npm test');
  });
});

describe('routes', () => {
  const routes: Route[] = [
    { view: 'conversations' },
    { view: 'new' },
    { view: 'inbox' },
    { view: 'settings' },
    { view: 'diagnostics' },
    { view: 'conversation', sessionId: 'sess_1', patch: false },
    { view: 'conversation', sessionId: 'sess_1', patch: true },
    { view: 'history', workspaceId: null, sessionId: null },
    { view: 'history', workspaceId: 'ws_1', sessionId: null },
    { view: 'history', workspaceId: 'ws_1', sessionId: 'sess_1' },
  ];

  it('come back from the address unchanged', () => {
    expect(routes.map((route) => parseRoute(formatRoute(route)))).toEqual(routes);
  });

  it('lead out to the list of conversations in a few steps', () => {
    for (const route of routes) {
      let at: Route | null = route;
      for (let step = 0; step < 4 && at && at.view !== 'conversations'; step += 1) at = outOf(at);
      expect(at).toEqual({ view: 'conversations' });
    }
  });

  it('take anything unknown for the list of conversations', () => {
    expect([parseRoute(''), parseRoute('#/nonsense'), parseRoute('#/conversation/%E0%A4%A')]).toEqual(
      Array(3).fill({ view: 'conversations' }),
    );
  });
});
