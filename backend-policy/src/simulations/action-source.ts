import { createServiceClient } from '@steward/sdk';
import type { AuditPaths } from '@steward/sdk';
import { slicesOf } from './time-slices.ts';
import type { TimeSlice } from './time-slices.ts';

/** Which recorded decisions are asked for; times are included. */
export interface ActionQuery {
  readonly from: string;
  readonly to: string;
  readonly sessionId?: string;
  readonly userId?: string;
}

/** Decisions of equal content, and where and when the newest of them was made. */
export interface RecordedGroup {
  readonly count: number;
  readonly eventId: string;
  readonly at: string;
  readonly userId: string;
  readonly sessionId?: string;
  /** JSON text of what was decided and what from; equal text, equal action. */
  readonly content: string;
}

/** Some recorded decisions, and how much of the span is read. */
export interface ActionBatch {
  readonly items: readonly RecordedGroup[];
  /** From 0 to 1; undefined when it is not known. */
  readonly fraction?: number;
}

/** Reads recorded decisions, in any order, as the person who asked, so that a simulation sees what that person may see. */
export interface ActionSource {
  read(query: ActionQuery, accessToken: string, signal: AbortSignal): AsyncIterable<ActionBatch>;
}

/** Slices of the span that are read beside each other: one is computed by the service while the store answers the other. */
const lanes = 2;
const slicesPerSpan = 32;

interface SlicePage {
  readonly slice: TimeSlice;
  readonly items: readonly RecordedGroup[];
  readonly readBackTo?: string;
  readonly nextCursor?: string;
}

/** Reads them from the Audit Service. */
export function createAuditSource(connection: { baseUrl: string }): ActionSource {
  return {
    async *read({ from, to, sessionId, userId }, accessToken, signal) {
      const client = createServiceClient<AuditPaths>(connection.baseUrl, {
        getToken: async () => accessToken,
        timeoutMs: 30_000,
      });
      const page = async (slice: TimeSlice, cursor?: string): Promise<SlicePage> => {
        const query = {
          from_time: slice.from,
          to_time: slice.to,
          ...(sessionId === undefined ? {} : { session: sessionId as `sess_${string}` }),
          ...(userId === undefined ? {} : { user: userId }),
          ...(cursor === undefined ? {} : { cursor }),
        };
        const { data } = await client.GET('/audit/decisions', { signal, params: { query } });
        const { items, ...rest } = data!;
        return { slice, ...rest, items: items.map(({ timestamp, ...group }) => ({ ...group, at: timestamp })) };
      };
      // A session is one list; it has no parts to read beside each other.
      const slices = sessionId === undefined ? slicesOf({ from, to }, slicesPerSpan) : [{ from, to }];
      const span = Math.max(1, Date.parse(to) - Date.parse(from));
      const backOf = new Map<TimeSlice, number>();
      const waiting = [...slices];
      const running = new Map<TimeSlice, Promise<SlicePage>>();
      const ask = (slice: TimeSlice, cursor?: string): void => {
        const asked = page(slice, cursor);
        // Left unread when another lane fails first.
        asked.catch(() => undefined);
        running.set(slice, asked);
      };
      const fill = (): void => {
        while (running.size < lanes && waiting.length > 0) ask(waiting.shift()!);
      };
      fill();
      while (running.size > 0 && !signal.aborted) {
        const { slice, items, readBackTo, nextCursor } = await Promise.race(running.values());
        running.delete(slice);
        const back = nextCursor === undefined ? slice.from : readBackTo;
        if (back !== undefined) backOf.set(slice, Date.parse(slice.to) - Date.parse(back));
        if (nextCursor !== undefined) ask(slice, nextCursor);
        fill();
        const read = [...backOf.values()].reduce((sum, ms) => sum + ms, 0);
        yield { items, ...(sessionId === undefined ? { fraction: Math.min(1, read / span) } : {}) };
      }
    },
  };
}
