import { describe, expect, it } from '@jest/globals';
import type { ConversationMessage } from '@steward/contracts';
import fc from 'fast-check';
import { OpenedMessages } from '../../src/session/opened-messages.ts';

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('add' as const), chars: fc.nat({ max: 300 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('back' as const), to: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('skip' as const), by: fc.nat({ max: 5 }) }) },
);

describe('the messages that an opening leaves in memory', () => {
  it('are the newest, never more than the bound and never wrong', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const opened = new OpenedMessages(2_000);
        const all: (ConversationMessage | undefined)[] = [];
        for (const [index, one] of steps.entries()) {
          if (one.kind === 'add') {
            const content = `${index} ${'x'.repeat(one.chars)}`;
            const message = { messageId: `m${index}`, sessionId: 's', role: 'user' as const, content, timestamp: '' };
            opened.add(all.length, message);
            all.push(message);
          } else if (one.kind === 'skip') for (let count = 0; count < one.by; count += 1) all.push(undefined);
          else {
            all.length = one.to % (all.length + 1);
            opened.truncate(all.length);
          }
        }

        for (let from = 0; from < all.length; from += 1) {
          const found = opened.slice(from, all.length);
          if (found !== undefined) expect(found).toEqual(all.slice(from));
          const chars = (found ?? []).reduce((sum, { content }) => sum + content.length, 0);
          expect(chars).toBeLessThanOrEqual(2_000);
        }
      }),
    );
  });
});
