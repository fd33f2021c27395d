import type { AuditOperations } from '@steward/sdk';
import { StewardError } from '@steward/sdk';
import { answered, firstSequence, writeStreamItem } from '@steward/service-kit';
import type { OperationHandlers } from '@steward/service-kit';
import type { StreamKey } from '../events/event.ts';
import type { EventRepository } from '../events/repository.ts';
import { mayFollow } from '../events/visibility.ts';
import type { EventTail } from './event-tail.ts';

/** The live stream of a workspace as server-sent events; the id of each is its number. */
export function createStreamRoutes(deps: {
  readonly events: EventRepository;
  readonly tail: EventTail;
}): Pick<OperationHandlers<AuditOperations>, 'streamWorkspace'> {
  return {
    streamWorkspace: async ({ path, query, headers, context, request, response }): Promise<typeof answered> => {
      const fromSeq = firstSequence(headers['last-event-id'], query.from_seq);
      const { caller, signal } = context;
      const stream: StreamKey = { tenantId: caller.tenantId, streamType: 'workspace', streamId: path.workspaceId };
      const head = await deps.events.head(caller.scope, stream);
      if (head === undefined || !mayFollow(caller, head)) throw unknownStream(path.workspaceId);
      response.status(200).set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
      if (request.method !== 'HEAD') {
        response.flushHeaders();
        for await (const item of deps.tail.follow(caller.scope, stream, fromSeq, signal)) {
          const entry = item === 'heartbeat' ? item : { id: item.event.streamSeq, data: item.event };
          await writeStreamItem(response, entry, signal);
        }
      }
      response.end();
      return answered;
    },
  };
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
