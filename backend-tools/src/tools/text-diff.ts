import { createTwoFilesPatch } from 'diff';
import { StewardError } from '@steward/sdk';
import type { RemoteTool } from './remote-tool.ts';

const maxLength = 500_000;

/** Unified diff of two texts. */
export const textDiff: RemoteTool = {
  name: 'text.diff',
  description: 'Compares two texts and returns a unified diff; empty when they are equal.',
  inputSchema: {
    type: 'object',
    required: ['before', 'after'],
    additionalProperties: false,
    properties: {
      before: { type: 'string', maxLength },
      after: { type: 'string', maxLength },
      name: { type: 'string', minLength: 1, maxLength: 200, description: 'File name in the header' },
      context: {
        type: 'integer',
        minimum: 0,
        maximum: 20,
        description: 'Unchanged lines around a change; 3 unless given',
      },
    },
  },
  run: ({ before, after, name, context }) => {
    if (before === after) return '';
    const file = singleLine(name ?? 'text');
    const patch = createTwoFilesPatch(file, file, String(before), String(after), undefined, undefined, {
      context: typeof context === 'number' ? context : 3,
      // Comparing is quadratic at worst; a service shared by many stops in time.
      timeout: 2000,
    });
    if (patch !== undefined) return patch;
    throw new StewardError(
      'TOOL_EXECUTION_FAILED',
      'text.diff: the texts differ too much to be compared in 2 seconds; compare smaller parts.',
    );
  },
};

function singleLine(value: unknown): string {
  return String(value).replaceAll(/[\r\n]/g, ' ');
}
