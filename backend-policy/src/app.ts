import { policyOpenApi } from '@steward/contracts/openapi';
import type { PolicyOperations } from '@steward/sdk';
import { newId } from '@steward/sdk';
import { createLogger, createService, systemScope } from '@steward/service-kit';
import type { ProcessOptions, Service, ServiceOptions } from '@steward/service-kit';
import { createBundleRoutes } from './bundles/routes.ts';
import { BundleService } from './bundles/service.ts';
import { AuditOutbox } from './changes/audit-outbox.ts';
import type { SendAuditEvent } from './changes/audit-outbox.ts';
import { createDecisionRoutes } from './decisions/routes.ts';
import type { SessionLookup } from './decisions/session-lookup.ts';
import { KeyAnnouncer } from './keys/key-announcer.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { createKeyRoutes } from './keys/routes.ts';
import { createPolicyRoutes } from './policies/routes.ts';
import { PolicyAdministration } from './policies/service.ts';
import type { TenantChangesDeps } from './policies/tenant-changes.ts';
import { RevocationFeed } from './revocations/revocation-feed.ts';
import { createRevocationRoutes } from './revocations/routes.ts';
import type { ReplayRecorded } from './simulations/replay-recorded.ts';
import { createSimulationRoutes } from './simulations/routes.ts';
import { SimulationService } from './simulations/service.ts';

/** What the Policy Service is made of; all of it stays the caller's. */
export interface AppDeps
  extends
    Omit<TenantChangesDeps, 'newId' | 'onChange'>,
    Pick<ServiceOptions<PolicyOperations>, 'authenticate' | keyof ProcessOptions | 'idempotency' | 'logger' | 'newId'> {
  readonly keys: KeyRing;
  readonly sessions: SessionLookup;
  readonly bundleLifetimeSeconds: number;
  /** Absent: changes wait in the store until there is an Audit Service. */
  readonly sendAuditEvent?: SendAuditEvent;
  readonly replayRecorded: ReplayRecorded;
  /** Runs `action` once after `ms` milliseconds unless the returned function is called first. */
  after(ms: number, action: () => void): () => void;
  /** How often the revocation stream looks for other instances' changes; 500 unless given. */
  readonly pollMs?: number;
}

/** The service and what it does beside answering requests. */
export interface PolicyService extends Service {
  /** Delivers what an earlier process left and begins to watch the signing keys. */
  startBackground(): void;
  /** Announces changed signing keys now; the background does so every second. */
  announceKeys(): Promise<void>;
  /** Resolves when the simulation has ended in this process. */
  simulationSettled(simulationId: string): Promise<void>;
  /** Resolves when everything that changed so far was delivered or has to wait for its next try. */
  auditSettled(): Promise<void>;
  /** Ends what runs in the background; what was not finished is taken up by the next process. */
  stopBackground(): Promise<void>;
}

const keyLookMs = 1000;

/** Builds the Policy Service; it does not listen yet, and nothing runs in the background until it is started. */
export function createApp(deps: AppDeps): PolicyService {
  const { policies: repository, clock, keys, pollMs } = deps;
  const logger = deps.logger ?? createLogger('policy');
  const idOf = deps.newId ?? newId;
  const jobs = systemScope('policy-tenants');
  const outbox = new AuditOutbox({
    policies: repository,
    jobs,
    logger,
    after: deps.after,
    ...(deps.sendAuditEvent === undefined ? {} : { send: deps.sendAuditEvent }),
  });
  let delivering = Promise.resolve();
  const policies = new PolicyAdministration({
    policies: repository,
    initialPolicy: deps.initialPolicy,
    clock,
    newId: idOf,
    onChange: (scope) => {
      feed.wake(scope);
      delivering = outbox.kick(scope);
    },
  });
  const feed = new RevocationFeed({ policies: policies.revoking, ...(pollMs === undefined ? {} : { pollMs }) });
  const bundles = new BundleService({ policies, keys, clock, lifetimeSeconds: deps.bundleLifetimeSeconds });
  const announcer = new KeyAnnouncer({ ring: keys, policies: policies.revoking, repository, jobs, logger });
  const simulations = new SimulationService({
    policies,
    repository,
    replayRecorded: deps.replayRecorded,
    clock,
    newId: idOf,
    logger,
  });
  const service = createService<PolicyOperations>({
    ...deps,
    logger,
    name: 'policy',
    openApi: policyOpenApi,
    handlers: {
      ...createPolicyRoutes(policies),
      ...createBundleRoutes(bundles, keys),
      ...createDecisionRoutes({ bundles, sessions: deps.sessions, clock }),
      ...createRevocationRoutes({ policies: policies.revoking, feed }),
      ...createSimulationRoutes(simulations),
      ...createKeyRoutes(() => keys.list()),
    },
    readiness: () => repository.check(),
  });
  let cancelLook = (): void => undefined;
  const lookAgain = (): void => {
    cancelLook = deps.after(keyLookMs, () => void announcer.look().then(lookAgain));
  };
  return Object.assign(service, {
    startBackground: () => {
      void outbox.recover();
      void announcer.look().then(lookAgain);
    },
    announceKeys: () => announcer.look(),
    simulationSettled: (simulationId: string) => simulations.settled(simulationId),
    auditSettled: () => delivering,
    stopBackground: async () => {
      cancelLook();
      await Promise.all([simulations.close(), outbox.close()]);
    },
  });
}
