import { auditOpenApi } from '@steward/contracts/openapi';
import { systemClock } from '@steward/sdk';
import type { AuditOperations, Clock } from '@steward/sdk';
import { createService } from '@steward/service-kit';
import type { ProcessOptions, Service, ServiceOptions } from '@steward/service-kit';
import { EventAppender } from './events/appender.ts';
import { DecisionTally } from './events/decision-tally.ts';
import { EventNotifier } from './events/notifier.ts';
import { EventQuery } from './events/query.ts';
import type { EventRepository } from './events/repository.ts';
import { createEventRoutes } from './events/routes.ts';
import { DecisionPacking } from './packs/packing.ts';
import { PackAhead } from './packs/pack-ahead.ts';
import type { PackRepository } from './packs/repository.ts';
import type { IncidentRepository } from './incidents/repository.ts';
import { createIncidentRoutes } from './incidents/routes.ts';
import { IncidentService } from './incidents/service.ts';
import { EventTail } from './streams/event-tail.ts';
import type { TailTimes } from './streams/event-tail.ts';
import { createStreamRoutes } from './streams/routes.ts';

/** What the Audit Service is made of; all of it stays the caller's. */
export interface AppDeps
  extends
    TailTimes,
    Pick<ServiceOptions<AuditOperations>, 'authenticate' | keyof ProcessOptions | 'idempotency' | 'logger' | 'newId'> {
  readonly events: EventRepository;
  readonly packs: PackRepository;
  readonly incidents: IncidentRepository;
  readonly clock?: Clock;
}

/** Builds the Audit Service; it does not listen yet. */
export function createApp(deps: AppDeps): Service {
  const clock = deps.clock ?? systemClock;
  const { events, incidents, packs } = deps;
  const notifier = new EventNotifier();
  const packing = new DecisionPacking({ packs, clock });
  const appender = new EventAppender({ events, notifier, clock, packing });
  const packAhead = new PackAhead({ events, packing, clock });
  const query = new EventQuery({ events, clock });
  const tail = new EventTail({ ...deps, notifier, clock });
  const incidentService = new IncidentService({ incidents, clock });
  return createService<AuditOperations>({
    ...deps,
    name: 'audit',
    openApi: auditOpenApi,
    handlers: {
      ...createEventRoutes({ appender, query, packAhead, tally: new DecisionTally({ events, packing }) }),
      ...createStreamRoutes({ events, tail }),
      ...createIncidentRoutes(incidentService),
    },
    readiness: () => events.ping(),
  });
}
