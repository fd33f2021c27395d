import type { EventEnvelope } from '@steward/contracts';
import type { AuditOperations } from '@steward/sdk';
import type { OperationHandlers } from '@steward/service-kit';
import type { EventAppender } from './appender.ts';
import type { PackAhead } from '../packs/pack-ahead.ts';
import type { DecisionTally } from './decision-tally.ts';
import { queryTime } from './event-filter.ts';
import type { EventListQuery, EventQuery } from './query.ts';

type Handled = 'appendEvents' | 'queryEvents' | 'getEvent' | 'tallyDecisions';
type QueryString = NonNullable<AuditOperations['queryEvents']['parameters']['query']>;

/** The operations on events. */
export function createEventRoutes(deps: {
  readonly appender: EventAppender;
  readonly query: EventQuery;
  readonly tally: DecisionTally;
  readonly packAhead: PackAhead;
}): Pick<OperationHandlers<AuditOperations>, Handled> {
  return {
    appendEvents: async ({ body, context: { caller } }) => {
      const items = await deps.appender.append(caller, body.events as EventEnvelope[]);
      deps.packAhead.notice(caller.scope);
      return { status: 201, body: { items } };
    },
    queryEvents: async ({ query, context }) => ({
      status: 200,
      body: await deps.query.list(context.caller, readQuery(query)),
    }),
    tallyDecisions: async ({ query, context }) => ({
      status: 200,
      body: await deps.tally.page(context.caller, {
        from: queryTime(query.from_time, 'from_time') ?? '',
        to: queryTime(query.to_time, 'to_time') ?? '',
        ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
        ...(query.session === undefined ? {} : { session: query.session }),
        ...(query.user === undefined ? {} : { user: query.user }),
      }),
    }),
    getEvent: async ({ path, context }) => ({ status: 200, body: await deps.query.get(context.caller, path.eventId) }),
  };
}

function readQuery(query: QueryString): EventListQuery {
  const from = queryTime(query.from_time, 'from_time');
  const to = queryTime(query.to_time, 'to_time');
  const { cursor, limit, session, task, correlation, type, component } = query;
  const given = {
    cursor,
    limit,
    session,
    task,
    correlation,
    type,
    component,
    from,
    to,
    streamType: query.stream_type,
    streamId: query.stream_id,
    fromSeq: query.from_seq,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as EventListQuery;
}
