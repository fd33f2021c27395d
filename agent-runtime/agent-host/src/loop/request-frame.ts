import type { ToolDescriptor } from '@steward/contracts';
import { toWireTools } from '../thread/wire-tools.ts';

/** What is the same in every request of a session: model, system prompt, tools. Serialised once. */
export interface RequestFrame {
  readonly tools: readonly ToolDescriptor[];
  readonly estimatedTokens: number;
  /** The whole body of a request around the given messages. */
  wrap(messages: readonly Uint8Array[], maxOutputTokens: number): Uint8Array[];
}

/** Makes the frame of a session's requests. Pure. */
export function createRequestFrame(model: string, systemText: string, tools: readonly ToolDescriptor[]): RequestFrame {
  const system = JSON.stringify({ role: 'system', content: systemText });
  const head = Buffer.from(`{"model":${JSON.stringify(model)},"messages":[${system}`);
  const separator = Buffer.from(',');
  const wireTools = toWireTools(tools);
  const tail = `]${wireTools === '' ? '' : `,"tools":${wireTools}`},"stream":true,"stream_options":{"include_usage":true}`;
  let cached = { maxOutputTokens: -1, end: Buffer.alloc(0) };
  return {
    tools,
    estimatedTokens: Math.ceil((head.length + separator.length + tail.length) / 4),
    wrap: (messages, maxOutputTokens) => {
      if (cached.maxOutputTokens !== maxOutputTokens)
        cached = { maxOutputTokens, end: Buffer.from(`${tail},"max_tokens":${maxOutputTokens}}`) };
      return messages.length === 0 ? [head, cached.end] : [head, separator, ...messages, cached.end];
    },
  };
}
