import { once } from 'node:events';
import type { Response } from 'express';
import { StewardError } from '@steward/sdk';

/** One entry of a stream of server-sent events, or a sign of life. */
export type StreamItem = { readonly id: number; readonly data: unknown } | 'heartbeat';

/**
 * Writes one entry and waits while the reader is slow; ends quietly when the signal does. There is no `event:` line: its
 * text could come from senders, and readers would have to know every type beforehand.
 */
export async function writeStreamItem(response: Response, item: StreamItem, signal: AbortSignal): Promise<void> {
  const frame = item === 'heartbeat' ? ': heartbeat\n\n' : `id: ${item.id}\ndata: ${JSON.stringify(item.data)}\n\n`;
  if (response.write(frame)) return;
  try {
    await once(response, 'drain', { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * The first sequence that a reader wants. A reconnecting browser repeats `from_seq` and adds what it saw last, which
 * therefore counts more. INVALID_REQUEST for an id that is no number.
 */
export function firstSequence(lastEventId: string | string[] | undefined, fromSeq: number | undefined): number {
  if (lastEventId === undefined || lastEventId === '') return fromSeq ?? 1;
  if (typeof lastEventId === 'string' && /^\d{1,15}$/.test(lastEventId)) return Number(lastEventId) + 1;
  throw new StewardError(
    'INVALID_REQUEST',
    'Last-Event-ID is no number of this stream. Leave it out, or send the last id that arrived.',
    { details: { field: 'Last-Event-ID' } },
  );
}
