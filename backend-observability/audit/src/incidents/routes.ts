import type { AuditOperations } from '@steward/sdk';
import type { OperationHandlers } from '@steward/service-kit';
import type { IncidentService } from './service.ts';

type Handled = 'openIncident' | 'listIncidents' | 'getIncident' | 'closeIncident';

/** The operations on incidents. */
export function createIncidentRoutes(service: IncidentService): Pick<OperationHandlers<AuditOperations>, Handled> {
  return {
    openIncident: async ({ body, context }) => {
      const { incident, created } = await service.open(context.caller, body, context.attempt);
      return { status: created ? 201 : 200, body: incident };
    },
    listIncidents: async ({ query, context }) => ({ status: 200, body: await service.list(context.caller, query) }),
    getIncident: async ({ path, context }) => ({
      status: 200,
      body: await service.get(context.caller, path.incidentId),
    }),
    closeIncident: async ({ path, body, context }) => ({
      status: 200,
      body: await service.close(context.caller, path.incidentId, body.resolution),
    }),
  };
}
