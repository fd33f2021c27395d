import type { RemoteTool } from './remote-tool.ts';

/** Lines, words, characters and bytes of a text. */
export const textCount: RemoteTool = {
  name: 'text.count',
  description: 'Counts lines, words, characters and UTF-8 bytes of a text.',
  inputSchema: {
    type: 'object',
    required: ['text'],
    additionalProperties: false,
    properties: { text: { type: 'string', maxLength: 2_000_000 } },
  },
  run: ({ text }) => {
    const value = String(text);
    const lines = value === '' ? 0 : value.split('\n').length - (value.endsWith('\n') ? 1 : 0);
    const words = value.match(/\S+/g)?.length ?? 0;
    const characters = [...value].length;
    return JSON.stringify({ lines, words, characters, bytes: Buffer.byteLength(value) });
  },
};
