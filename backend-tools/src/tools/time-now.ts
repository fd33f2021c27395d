import { StewardError } from '@steward/sdk';
import type { RemoteTool } from './remote-tool.ts';

/** The present time. */
export const timeNow: RemoteTool = {
  name: 'time.now',
  description: 'Returns the present time as ISO 8601 UTC and in a named time zone.',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      timeZone: {
        type: 'string',
        minLength: 1,
        maxLength: 60,
        description: 'IANA name such as Europe/Berlin; UTC unless given',
      },
    },
  },
  run: ({ timeZone }, { now }) => {
    const zone = typeof timeZone === 'string' ? timeZone : 'UTC';
    return JSON.stringify({ utc: now.toISOString(), timeZone: zone, local: format(now, zone) });
  },
};

function format(now: Date, timeZone: string): string {
  try {
    return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(now);
  } catch (cause) {
    throw new StewardError(
      'TOOL_EXECUTION_FAILED',
      'time.now: there is no such time zone; use an IANA name such as Europe/Berlin.',
      { cause },
    );
  }
}
