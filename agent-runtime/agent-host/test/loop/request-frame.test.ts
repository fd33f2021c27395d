import { describe, expect, it } from '@jest/globals';
import { builtInTools } from '@steward/contracts';
import fc from 'fast-check';
import { createRequestFrame } from '../../src/loop/request-frame.ts';
import { Thread } from '../../src/thread/thread.ts';

const bodyOf = (pieces: readonly Uint8Array[]): unknown => JSON.parse(Buffer.concat(pieces).toString('utf8'));

describe('the frame of a request', () => {
  it('is the body of a request also around a thread without messages', () => {
    const { pieces } = new Thread((text) => text).wireMessages(undefined, 1_000, 0)!;

    const body = bodyOf(createRequestFrame('model', 'Be good.', []).wrap(pieces, 7));

    expect(body).toEqual({
      model: 'model',
      messages: [{ role: 'system', content: 'Be good.' }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 7,
    });
  });

  it('is a body with every message in order, whatever they, the model and the system prompt are called', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 5 }), fc.string(), fc.string(), (contents, model, system) => {
        const messages = contents.map((content, index) => ({
          messageId: `m${index}`,
          sessionId: 's',
          role: 'user' as const,
          content,
          timestamp: '2026-11-21T06:00:00.000Z',
        }));
        const { pieces } = new Thread((text) => text, messages).wireMessages(undefined, 1_000_000, 0)!;

        const body = bodyOf(createRequestFrame(model, system, builtInTools).wrap(pieces, 1)) as {
          model: string;
          messages: { content: string }[];
          tools: unknown[];
        };

        expect(body.model).toBe(model);
        expect(body.messages.map(({ content }) => content)).toEqual([system, ...contents]);
        expect(body.tools).toHaveLength(builtInTools.length);
      }),
    );
  });
});
