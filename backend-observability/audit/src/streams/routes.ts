import { once } from 'node:events';
import type { AuditOperations } from '@steward/sdk';
import { StewardError } from '@steward/sdk';
import { answered } from '@steward/service-kit';
import type { OperationCall, OperationHandlers } from '@steward/service-kit';
import type { StoredEvent, StreamKey } from '../events/event.ts';
import type { EventRepository } from '../events/repository.ts';
import { mayFollow } from '../events/visibility.ts';
import type { EventTail } from './event-tail.ts';

type Call = OperationCall<AuditOperations['streamWorkspace']>;
type Response = Call['response'];

/** The live stream of a workspace as server-sent events; the id of each is its number. */
export function createStreamRoutes(deps: {
  readonly events: EventRepository;
  readonly tail: EventTail;
}): Pick<OperationHandlers<AuditOperations>, 'streamWorkspace'> {
  return {
    streamWorkspace: async ({ path, query, headers, context, request, response }): Promise<typeof answered> => {
      const fromSeq = startOf(headers['last-event-id'], query.from_seq);
      const { caller, signal } = context;
      const stream: StreamKey = { tenantId: caller.tenantId, streamType: 'workspace', streamId: path.workspaceId };
      const head = await deps.events.head(caller.scope, stream);
      if (head === undefined || !mayFollow(caller, head)) throw unknownStream(path.workspaceId);
      response.status(200).set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
      if (request.method !== 'HEAD') {
        response.flushHeaders();
        await send(response, deps.tail.follow(caller.scope, stream, fromSeq, signal), signal);
      }
      response.end();
      return answered;
    },
  };
}

async function send(
  response: Response,
  items: AsyncIterable<StoredEvent | 'heartbeat'>,
  signal: AbortSignal,
): Promise<void> {
  for await (const item of items) {
    // No `event:` line: its text comes from senders, and readers would have to know every type beforehand.
    const frame =
      item === 'heartbeat' ? ': heartbeat\n\n' : `id: ${item.event.streamSeq}\ndata: ${JSON.stringify(item.event)}\n\n`;
    if (response.write(frame)) continue;
    try {
      await once(response, 'drain', { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** A reconnecting browser repeats `from_seq` and adds what it saw last, which therefore counts more. */
function startOf(lastEventId: string | string[] | undefined, fromSeq: number | undefined): number {
  if (lastEventId === undefined || lastEventId === '') return fromSeq ?? 1;
  if (typeof lastEventId === 'string' && /^\d{1,15}$/.test(lastEventId)) return Number(lastEventId) + 1;
  throw new StewardError(
    'INVALID_REQUEST',
    'Last-Event-ID is no number of this stream. Leave it out, or send the last id that arrived.',
    {
      details: { field: 'Last-Event-ID' },
    },
  );
}

function unknownStream(workspaceId: string): StewardError {
  return new StewardError(
    'NOT_FOUND',
    `Workspace ${workspaceId} has no events that you can see. Check the id, or try again once something has happened in it.`,
    {
      details: { workspaceId },
    },
  );
}
