import { sessionOpenApi } from '@steward/contracts/openapi';
import type { SessionOperations } from '@steward/sdk';
import { createService } from '@steward/service-kit';
import type { ProcessOptions, Service, ServiceOptions } from '@steward/service-kit';
import type { SessionServiceDeps } from './sessions/service.ts';
import { SessionService } from './sessions/service.ts';
import { createSessionRoutes } from './sessions/routes.ts';
import type { TaskRepository } from './tasks/repository.ts';
import { createTaskRoutes } from './tasks/routes.ts';
import { TaskService } from './tasks/service.ts';

/** What the Session Service is made of; all of it stays the caller's. */
export interface AppDeps
  extends
    SessionServiceDeps,
    Pick<
      ServiceOptions<SessionOperations>,
      'authenticate' | keyof ProcessOptions | 'idempotency' | 'logger' | 'newId'
    > {
  readonly tasks: TaskRepository;
}

/** Builds the Session Service; it does not listen yet. */
export function createApp(deps: AppDeps): Service {
  const sessions = new SessionService(deps);
  const tasks = new TaskService({ tasks: deps.tasks, sessions, clock: deps.clock });
  return createService<SessionOperations>({
    ...deps,
    name: 'session',
    openApi: sessionOpenApi,
    handlers: { ...createSessionRoutes(sessions), ...createTaskRoutes(tasks) },
    readiness: () => deps.sessions.check(),
  });
}
