import type { PolicyOperations } from '@steward/sdk';
import { answered, firstSequence, writeStreamItem } from '@steward/service-kit';
import type { OperationHandlers } from '@steward/service-kit';
import type { PolicyRevoking } from '../policies/revoking.ts';
import { visibleTo } from './revocation-feed.ts';
import type { RevocationFeed } from './revocation-feed.ts';

type Handlers = Pick<OperationHandlers<PolicyOperations>, 'streamRevocations' | 'listRevocations'>;

/** The revocation stream as server-sent events, the id of each its number, and as pages. */
export function createRevocationRoutes(deps: {
  readonly policies: PolicyRevoking;
  readonly feed: RevocationFeed;
}): Handlers {
  return {
    streamRevocations: async ({ query, headers, context, request, response }): Promise<typeof answered> => {
      const fromSeq = firstSequence(headers['last-event-id'], query.from_seq);
      const { caller, signal } = context;
      response.status(200).set({
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      });
      if (request.method !== 'HEAD') {
        response.flushHeaders();
        // Something at once, so that a client knows that the stream stands before the first entry.
        response.write(': open\n\n');
        for await (const item of deps.feed.follow(caller.scope, fromSeq, signal)) {
          const seen = item === 'heartbeat' ? item : { id: item.seq, data: visibleTo(caller, item) };
          await writeStreamItem(response, seen, signal);
        }
      }
      response.end();
      return answered;
    },
    listRevocations: async ({ query, context: { caller } }) => {
      const page = await deps.policies.revocations(caller.scope, query.from_seq ?? 1, query.limit ?? 50);
      return { status: 200, body: { ...page, items: page.items.map((item) => visibleTo(caller, item)) } };
    },
  };
}
