import { once } from 'node:events';
import type { Revocation } from '@steward/contracts';
import type { PolicyOperations } from '@steward/sdk';
import { StewardError } from '@steward/sdk';
import { answered } from '@steward/service-kit';
import type { OperationCall, OperationHandlers } from '@steward/service-kit';
import type { PolicyAdministration } from '../policies/service.ts';
import { visibleTo } from './revocation-feed.ts';
import type { RevocationFeed } from './revocation-feed.ts';

type Response = OperationCall<PolicyOperations['streamRevocations']>['response'];
type Handlers = Pick<OperationHandlers<PolicyOperations>, 'streamRevocations' | 'listRevocations'>;

/** The revocation stream as server-sent events, the id of each its number, and as pages. */
export function createRevocationRoutes(deps: {
  readonly policies: PolicyAdministration;
  readonly feed: RevocationFeed;
}): Handlers {
  return {
    streamRevocations: async ({ query, headers, context, request, response }): Promise<typeof answered> => {
      const fromSeq = startOf(headers['last-event-id'], query.from_seq);
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
          const seen = item === 'heartbeat' ? item : visibleTo(caller, item);
          await send(response, seen, signal);
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

async function send(response: Response, item: Revocation | 'heartbeat', signal: AbortSignal): Promise<void> {
  const frame = item === 'heartbeat' ? ': heartbeat\n\n' : `id: ${item.seq}\ndata: ${JSON.stringify(item)}\n\n`;
  if (response.write(frame)) return;
  try {
    await once(response, 'drain', { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function startOf(lastEventId: string | string[] | undefined, fromSeq: number | undefined): number {
  if (lastEventId === undefined || lastEventId === '') return fromSeq ?? 1;
  if (typeof lastEventId === 'string' && /^\d{1,15}$/.test(lastEventId)) return Number(lastEventId) + 1;
  throw new StewardError(
    'INVALID_REQUEST',
    'Last-Event-ID is no number of this stream. Leave it out, or send the last id that arrived.',
    { details: { field: 'Last-Event-ID' } },
  );
}
