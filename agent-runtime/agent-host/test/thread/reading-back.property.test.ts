import { describe, expect, it } from '@jest/globals';
import type { ConversationMessage } from '@steward/contracts';
import fc from 'fast-check';
import { findBackwards, newestMessages } from '../../src/thread/message-source.ts';
import { Thread } from '../../src/thread/thread.ts';

const same = (text: string): string => text;
const block = fc.record({
  prompt: fc.boolean(),
  calls: fc.nat({ max: 3 }),
  size: fc.oneof(fc.nat({ max: 60 }), fc.nat({ max: 900 })),
});
const blocks = fc.array(block, { minLength: 1, maxLength: 120 });

/** A conversation of prompts and of answers with the results of their calls. */
function conversation(parts: readonly { prompt: boolean; calls: number; size: number }[]): ConversationMessage[] {
  const messages: ConversationMessage[] = [];
  const add = (role: 'user' | 'assistant' | 'tool', size: number, more: Partial<ConversationMessage> = {}): void =>
    void messages.push({
      messageId: `m${messages.length}`,
      sessionId: 's',
      role,
      content: 'x'.repeat(size),
      timestamp: '2026-11-21T06:00:00.000Z',
      ...more,
    });
  add('user', 10);
  for (const { prompt, calls, size } of parts) {
    if (prompt) {
      add('user', size);
      continue;
    }
    const ids = Array.from({ length: calls }, (_item, index) => `tc_${messages.length}_${index}`);
    const toolCalls = ids.map((toolCallId) => ({
      toolCallId,
      modelCallId: `c${toolCallId}`,
      toolName: 'ReadFile',
      arguments: {},
    }));
    add('assistant', size, { toolCalls });
    for (const toolCallId of ids) add('tool', size, { toolCallId });
  }
  return messages;
}
const sentBy = (thread: Thread, goal: string, budget: number): string | undefined => {
  const wire = thread.wireMessages(goal, budget, 20);
  return wire === undefined ? undefined : Buffer.concat(wire.pieces).toString('utf8');
};

describe('a thread that is read back', () => {
  it('sends what one sends that holds every message', () => {
    fc.assert(
      fc.property(blocks, fc.integer({ min: 300, max: 6_000 }), (parts, budget) => {
        const messages = conversation(parts);
        const goal = messages.findLast(({ role }) => role === 'user')!.messageId;

        const back = new Thread(same, messages, { capacity: () => budget });

        expect(sentBy(back, goal, budget)).toEqual(sentBy(new Thread(same, messages), goal, budget));
      }),
    );
  });

  it('goes on after a return as if what is gone had never been said', () => {
    fc.assert(
      fc.property(blocks, fc.nat(), fc.integer({ min: 300, max: 6_000 }), (parts, at, budget) => {
        const messages = conversation(parts);
        const starts = [...messages.keys()].filter((index) => messages[index]!.role !== 'tool');
        const kept = starts[at % starts.length]!;
        const thread = new Thread(same, messages, { capacity: () => budget });
        sentBy(thread, 'm0', budget);
        messages.length = kept;

        thread.truncate(kept);

        expect(sentBy(thread, 'm0', budget)).toEqual(sentBy(new Thread(same, messages), 'm0', budget));
      }),
    );
  });

  it('is the same whether it is read at once, or when it has grown and gone back meanwhile', () => {
    fc.assert(
      fc.property(blocks, fc.nat(), fc.nat(), fc.integer({ min: 300, max: 6_000 }), (parts, at, back, budget) => {
        const all = conversation(parts);
        const known = all.slice(0, at % (all.length + 1));
        const messages = [...known];
        const thread = new Thread(same, messages, { capacity: () => budget });
        for (const message of all.slice(known.length)) {
          messages.push(message);
          thread.add(message);
        }
        const starts = [...all.keys()].filter((index) => all[index]!.role !== 'tool');
        const kept = back % 2 === 0 ? all.length : starts[back % starts.length]!;
        messages.length = kept;
        thread.truncate(kept);

        const whole = new Thread(same);
        for (const message of messages) whole.add(message);

        expect({ sent: sentBy(thread, 'm0', budget), length: thread.length }).toEqual({
          sent: sentBy(whole, 'm0', budget),
          length: kept,
        });
      }),
    );
  });

  it('holds little more than fits a request, however long the conversation is', () => {
    const messages = conversation(Array.from({ length: 2_000 }, () => ({ prompt: false, calls: 1, size: 400 })));
    const read: number[] = [];
    const source = {
      length: messages.length,
      slice: (from: number, to: number) => {
        read.push(to - from);
        return messages.slice(from, to);
      },
    };

    const thread = new Thread(same, source, { capacity: () => 10_000 });
    const untilNeeded = read.length;
    thread.prepare();

    const count = read.reduce((sum, part) => sum + part, 0);
    expect({ untilNeeded, read: count > 0 && count < 200 }).toEqual({ untilNeeded: 0, read: true });
  });

  it('begins with a message that begins a block, and fills the capacity', () => {
    fc.assert(
      fc.property(blocks, fc.nat({ max: 20_000 }), (parts, capacity) => {
        const messages = conversation(parts);

        const newest = newestMessages(messages, messages.length, capacity);

        const chars = newest.reduce((sum, { content }) => sum + content.length + 2, 0);
        expect(newest).toEqual(messages.slice(messages.length - newest.length));
        expect(newest[0]!.role).not.toBe('tool');
        if (newest.length < messages.length) expect(chars / 4).toBeGreaterThan(capacity * 0.9 - 10);
      }),
    );
  });

  it('finds the last message with an id', () => {
    fc.assert(
      fc.property(blocks, fc.nat(), fc.nat(), (parts, wanted, end) => {
        const messages = conversation(parts);
        const before = end % (messages.length + 1);
        const messageId = `m${wanted % (messages.length + 3)}`;

        const found = findBackwards(messages, before, messageId);

        const index = messages.slice(0, before).findIndex((message) => message.messageId === messageId);
        expect(found).toEqual(index < 0 ? undefined : { index, message: messages[index] });
      }),
    );
  });
});
