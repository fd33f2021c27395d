import type { EventEnvelope, RecordedAction, SimulatedDecision } from '@steward/contracts';
import { createServiceClient } from '@steward/sdk';
import type { AuditPaths } from '@steward/sdk';
import type { RecordedDecision } from './replay.ts';

/** Which recorded decisions are asked for; times are included. */
export interface ActionQuery {
  readonly from: string;
  readonly to: string;
  readonly sessionId?: string;
}

/** Some recorded decisions, and how far back the reading is. */
export interface ActionBatch {
  readonly items: readonly RecordedDecision[];
  /** Everything from here to the end of the span was read; undefined when only a position is known. */
  readonly readBackTo?: string;
}

/** Reads recorded decisions as the person who asked, so that a simulation sees what that person may see. */
export interface ActionSource {
  read(query: ActionQuery, accessToken: string, signal: AbortSignal): AsyncIterable<ActionBatch>;
}

/** Reads them from the Audit Service. */
export function createAuditSource(connection: { baseUrl: string }): ActionSource {
  return {
    async *read({ from, to, sessionId }, accessToken, signal) {
      const client = createServiceClient<AuditPaths>(connection.baseUrl, {
        getToken: async () => accessToken,
        timeoutMs: 30_000,
      });
      let cursor: string | undefined;
      do {
        const { data } = await client.GET('/events', {
          signal,
          params: {
            query: {
              type: 'decision_recorded',
              from_time: from,
              to_time: to,
              limit: 200,
              ...(sessionId === undefined ? {} : { session: sessionId as `sess_${string}` }),
              ...(cursor === undefined ? {} : { cursor }),
            },
          },
        });
        const items = data!.items.flatMap((event) => decisionOf(event as EventEnvelope) ?? []);
        const last = data!.items.at(-1)?.timestamp;
        yield { items, ...(last === undefined ? {} : { readBackTo: last }) };
        cursor = data!.nextCursor;
      } while (cursor !== undefined && !signal.aborted);
    },
  };
}

/** The decision that an event records; undefined when it records none. Pure. */
export function decisionOf({
  eventId,
  timestamp,
  userId,
  sessionId,
  payload,
}: EventEnvelope): RecordedDecision | undefined {
  const { decision, recorded } = payload as { decision?: SimulatedDecision; recorded?: RecordedAction };
  if (decision === undefined || !['allow', 'deny', 'require_approval'].includes(decision.decision)) return undefined;
  const { ruleId, explanation } = decision;
  return {
    eventId,
    at: timestamp,
    userId,
    ...(sessionId === undefined ? {} : { sessionId }),
    decision: {
      decision: decision.decision,
      reasonCodes: Array.isArray(decision.reasonCodes) ? decision.reasonCodes : [],
      ...(ruleId === undefined ? {} : { ruleId }),
      ...(explanation === undefined ? {} : { explanation }),
    },
    // A later format may mean other things by the same names.
    ...(recorded?.schemaVersion === 1 ? { recorded } : {}),
  };
}
