import { StewardError, canonicalJson } from '@steward/sdk';
import type { RemoteTool } from './remote-tool.ts';

/** Checks and formats JSON. */
export const jsonFormat: RemoteTool = {
  name: 'json.format',
  description: 'Checks that a text is JSON and returns it indented, or canonical (sorted keys, no spaces).',
  inputSchema: {
    type: 'object',
    required: ['text'],
    additionalProperties: false,
    properties: {
      text: { type: 'string', maxLength: 2_000_000 },
      style: { type: 'string', enum: ['indented', 'canonical'], description: 'indented unless given' },
    },
  },
  run: ({ text, style }) => {
    let value: unknown;
    try {
      value = JSON.parse(String(text));
    } catch (cause) {
      throw new StewardError(
        'TOOL_EXECUTION_FAILED',
        `json.format: the text is not JSON (${(cause as Error).message}).`,
        { cause },
      );
    }
    return style === 'canonical' ? canonicalJson(value) : JSON.stringify(value, null, 2);
  },
};
