import type { CreateSessionParams } from '@steward/contracts';
import type { SessionOperations } from '@steward/sdk';
import type { OperationHandlers } from '@steward/service-kit';
import type { SessionService } from './service.ts';
import { toWire } from './session.ts';

type SessionHandlers = Pick<
  OperationHandlers<SessionOperations>,
  | 'createSession'
  | 'listSessions'
  | 'getSession'
  | 'updateSession'
  | 'resumeSession'
  | 'cancelSession'
  | 'completeSession'
>;

/** Answers the operations on sessions. */
export function createSessionRoutes(sessions: SessionService): SessionHandlers {
  return {
    createSession: async ({ body, context }) => ({
      status: 201,
      body: await sessions.create(context.caller, body as CreateSessionParams, context.attempt),
    }),
    listSessions: async ({ query, context }) => {
      const page = await sessions.list(context.caller, query, query.workspaceId);
      return { status: 200, body: { ...page, items: page.items.map(toWire) } };
    },
    getSession: async ({ path, context: { caller } }) => {
      const forWholeTenant = caller.isService && caller.actingFor?.userId === undefined;
      const whose = forWholeTenant ? {} : { userId: caller.userId };
      return { status: 200, body: toWire(await sessions.get(caller, path.sessionId, whose)) };
    },
    updateSession: async ({ path, body, context }) => ({
      status: 200,
      body: toWire(await sessions.update(context.caller, path.sessionId, body)),
    }),
    resumeSession: async ({ path, body, context }) => ({
      status: 200,
      body: await sessions.resume(context.caller, path.sessionId, body),
    }),
    cancelSession: async ({ path, context }) => ({
      status: 200,
      body: toWire(await sessions.update(context.caller, path.sessionId, { status: 'SESSION_CANCELLED' })),
    }),
    completeSession: async ({ path, context }) => ({
      status: 200,
      body: toWire(await sessions.update(context.caller, path.sessionId, { status: 'SESSION_COMPLETED' })),
    }),
  };
}
