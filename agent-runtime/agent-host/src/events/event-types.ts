import type { EventPayloads } from '@steward/contracts';

/** Every event that the runtime emits, with its payload. */
export type EventName = keyof EventPayloads & string;

/** The payload of one event. */
export type PayloadOf<N extends EventName> = NonNullable<EventPayloads[N]>;

/** Where in the hierarchy an event belongs. */
export interface EventPlace {
  readonly taskId?: string;
  readonly stepId?: string;
}

/** Events that hold a piece of something whose whole follows; they are replayed but change no state. */
export const chunkEvents: ReadonlySet<string> = new Set(['text_chunk', 'tool_output_chunk']);
