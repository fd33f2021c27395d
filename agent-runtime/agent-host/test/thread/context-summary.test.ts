import { describe, expect, it } from '@jest/globals';
import type { ConversationMessage } from '@steward/contracts';
import fc from 'fast-check';
import { cut, summaryRequest } from '../../src/thread/context-summary.ts';
import { Thread } from '../../src/thread/thread.ts';

const message = (messageId: string, content: string, more: Partial<ConversationMessage> = {}): ConversationMessage => ({
  messageId,
  sessionId: 'sess',
  role: 'user',
  content,
  timestamp: '2026-11-21T06:00:00.000Z',
  ...more,
});
const sentBy = (thread: Thread): string[] => {
  const { pieces } = thread.wireMessages('goal', 1_000, 0, 100)!;
  const messages = JSON.parse(`[${Buffer.concat(pieces).toString('utf8')}]`) as { content: string }[];
  return messages.map(({ content }) => content);
};
/** A thread whose source gets what is added, as a journal does. */
const threadOf = (messages: ConversationMessage[]): { thread: Thread; add: (added: ConversationMessage) => void } => {
  const thread = new Thread((text) => text, messages);
  const add = (added: ConversationMessage): void => {
    messages.push(added);
    thread.add(added);
  };
  return { thread, add };
};
const goal = message('goal', 'The goal');
const long = (count: number, from = 0): ConversationMessage[] =>
  Array.from({ length: count }, (_item, index) => message(`m${from + index}`, `${from + index} ${'x'.repeat(400)}`));

describe('a thread whose middle is summed up', () => {
  it('sends the goal, the summary in an envelope and the newest messages, without a marker', () => {
    const thread = new Thread((text) => text, [goal, ...long(20)]);
    thread.wireMessages('goal', 1_000, 0, 100);
    const material = thread.summaryMaterial()!;

    thread.useSummary({ summaryId: 's', text: 'They counted.', ...material.covers });

    const [first, second, third] = sentBy(thread);
    expect(material.lines).toHaveLength(material.covers.upTo - 1);
    expect(first).toBe('The goal');
    expect(second).toMatch(
      /^\[untrusted content from the model who summed up \d+ earlier messages, until ([0-9a-f]{16})\]\nThey counted\.\n\[\1\]$/,
    );
    expect(third).toMatch(new RegExp(`^${material.covers.upTo - 1} x+$`));
  });

  it('folds the last summary in when it has to be cut again, and marks what is not summed up until then', () => {
    const { thread, add } = threadOf([goal, ...long(20)]);
    thread.wireMessages('goal', 1_000, 0, 100);
    const first = { summaryId: 's', text: 'They counted.', ...thread.summaryMaterial()!.covers };
    thread.useSummary(first);
    for (const each of long(20, 20)) add(each);

    const between = sentBy(thread);
    const material = thread.summaryMaterial()!;

    expect(between[2]).toBe(`[${material.lines.length} earlier messages were left out here to fit the context window]`);
    expect(material.previous).toEqual(first);
    expect(JSON.parse(material.lines[0]!)).toMatchObject({ content: expect.stringMatching(`^${first.upTo - 1} x`) });
    expect(material.covers).toEqual({
      upTo: first.upTo + material.lines.length,
      goalMessageId: 'goal',
      trust: 'untrusted',
    });
  });

  it('forgets a summary of messages that a return took away', () => {
    const thread = new Thread((text) => text, [goal, ...long(20)]);
    thread.wireMessages('goal', 1_000, 0, 100);
    thread.useSummary({ summaryId: 's', text: 'They counted.', ...thread.summaryMaterial()!.covers });

    thread.truncate(2);

    expect(sentBy(thread)).toEqual(['The goal', `0 ${'x'.repeat(400)}`]);
  });

  it('calls a summary secret that is made of something secret', () => {
    const provenance = { source: 'command_output', trust: 'secret' } as const;
    const thread = new Thread((text) => text, [goal, message('k', 'a key', { provenance }), ...long(20)]);

    thread.wireMessages('goal', 1_000, 0, 100);

    expect(thread.summaryMaterial()!.covers.trust).toBe('secret');
  });

  it('never exceeds the budget nor separates a call from its result, however it is summed up', () => {
    const block = fc.record({ calls: fc.nat(3), size: fc.nat(500), summarise: fc.boolean() });
    fc.assert(
      fc.property(fc.array(block, { maxLength: 30 }), fc.integer({ min: 800, max: 3_000 }), (blocks, budget) => {
        const { thread, add } = threadOf([goal]);
        let id = 0;
        for (const { calls, size, summarise } of blocks) {
          const toolCalls = Array.from({ length: calls }, () => ({
            toolCallId: `tc_${(id += 1)}`,
            toolName: 'ReadFile',
            arguments: {},
          }));
          add(message(`a${(id += 1)}`, 'y'.repeat(size), { role: 'assistant', toolCalls }));
          for (const { toolCallId } of toolCalls)
            add(message(`t${toolCallId}`, 'z'.repeat(size), { role: 'tool', toolCallId }));
          if (thread.wireMessages('goal', budget, 50, 200) === undefined) continue;
          const material = summarise ? thread.summaryMaterial() : undefined;
          if (material !== undefined)
            thread.useSummary({ summaryId: `s${id}`, text: 's'.repeat(400), ...material.covers });
          const wire = thread.wireMessages('goal', budget, 50, 200)!;
          const sent = JSON.parse(`[${Buffer.concat(wire.pieces).toString('utf8')}]`) as {
            content: string | null;
            tool_calls?: { id: string }[];
            tool_call_id?: string;
          }[];
          const called = sent.flatMap(({ tool_calls: made = [] }) => made.map((call) => call.id));
          const answered = sent.flatMap(({ tool_call_id: answer }) => (answer === undefined ? [] : [answer]));
          expect(answered).toEqual(called);
          expect(sent.some(({ content }) => content === 'The goal')).toBe(true);
          expect(Buffer.concat(wire.pieces).length / 4).toBeLessThanOrEqual(budget);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('the request for a summary', () => {
  it('stays within its bound by cutting long messages, keeps every message and offers no tools', () => {
    const lines = Array.from({ length: 50 }, (_item, index) =>
      JSON.stringify({ content: `${index} ${'"'.repeat(5_000)}` }),
    );
    const covers = { upTo: 50, trust: 'untrusted' as const };

    const { body } = summaryRequest('m', { lines, covers }, { maxBytes: 40_000, maxOutputTokens: 100 });

    const request = JSON.parse(Buffer.from(body).toString('utf8')) as { messages: { content: string }[] };
    expect(body.length).toBeLessThanOrEqual(40_000);
    expect(request.messages[1]!.content.split('\n')).toHaveLength(51);
    expect(Object.keys(request)).toEqual(['model', 'messages', 'stream', 'stream_options', 'max_tokens']);
  });

  it('cuts text between characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, bytes) => {
        const kept = cut(text, bytes);

        expect(text.startsWith(kept)).toBe(true);
        expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(bytes);
      }),
    );
  });
});
