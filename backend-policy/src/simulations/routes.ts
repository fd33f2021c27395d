import type { SimulationInput } from '@steward/contracts';
import type { PolicyOperations } from '@steward/sdk';
import type { OperationHandlers } from '@steward/service-kit';
import type { SimulationService } from './service.ts';

type Handlers = Pick<
  OperationHandlers<PolicyOperations>,
  'simulatePolicy' | 'listSimulations' | 'getSimulation' | 'cancelSimulation'
>;

/** Answers the operations on simulations. */
export function createSimulationRoutes(simulations: SimulationService): Handlers {
  return {
    simulatePolicy: async ({ body, headers, context: { caller, attempt } }) => ({
      status: 202,
      body: await simulations.start(
        { ...caller, attempt },
        body as SimulationInput,
        accessTokenOf(headers.authorization),
      ),
    }),
    listSimulations: async ({ query, context: { caller } }) => ({
      status: 200,
      body: await simulations.list(caller.scope, query),
    }),
    getSimulation: async ({ path, context: { caller } }) => ({
      status: 200,
      body: await simulations.get(caller.scope, path.simulationId),
    }),
    cancelSimulation: async ({ path, context: { caller } }) => ({
      status: 200,
      body: await simulations.cancel(caller.scope, path.simulationId),
    }),
  };
}

/** The caller's own token, which the service kit has verified before. */
function accessTokenOf(authorization: string | undefined): string {
  return /^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '';
}
