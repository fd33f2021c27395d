import type { PolicyContent, Simulation, SimulationInput } from '@steward/contracts';
import type { Clock, NewId } from '@steward/sdk';
import { StewardError } from '@steward/sdk';
import type { Page, PageRequest, TenantScope, createLogger } from '@steward/service-kit';
import { refuseProblems } from '../drafts/validate-policy.ts';
import { recordKeys, recordPrefixes } from '../policies/record-keys.ts';
import type { PolicyRepository } from '../policies/repository.ts';
import type { PolicyAdministration } from '../policies/service.ts';
import type { Author } from '../policies/tenant-changes.ts';
import type { NoteProgress } from './hand-out.ts';
import type { ReplayRecorded } from './replay-recorded.ts';

/** What simulations need. */
export interface SimulationServiceDeps {
  readonly policies: PolicyAdministration;
  readonly repository: PolicyRepository;
  readonly replayRecorded: ReplayRecorded;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Pick<ReturnType<typeof createLogger>, 'warn'>;
}

interface Job {
  readonly scope: TenantScope;
  readonly cancel: AbortController;
  ended: Promise<void>;
}

const mostRunning = 2;
/** Another process takes one that was silent for two minutes for interrupted. */
const saveEveryMs = 10_000;

/**
 * Replays recorded actions against a policy in the background. State and result are stored; the reading itself is done
 * with the access of the person who asked, which is kept in memory only, so that a restart ends it as failed.
 */
export class SimulationService {
  readonly #deps: SimulationServiceDeps;
  readonly #jobs = new Map<string, Job>();
  readonly #progress = new Map<string, Simulation>();

  constructor(deps: SimulationServiceDeps) {
    this.#deps = deps;
  }

  /**
   * Starts and returns at once; a redo answers the one of the first try, which is not started again.
   * @throws CONFLICT while the tenant has two running ones
   */
  async start({ scope, userId, attempt }: Author, input: SimulationInput, accessToken: string): Promise<Simulation> {
    const { clock, newId, repository } = this.#deps;
    const simulationId = attempt?.newId('sim') ?? newId('sim');
    const isMade = attempt?.isRedo === true && (await repository.record(scope, recordKeys.simulation(simulationId)));
    if (isMade) return this.get(scope, simulationId);
    if (Date.parse(input.from) >= Date.parse(input.to))
      throw new StewardError('INVALID_REQUEST', 'The time span ends before it begins. Correct from or to.', {
        details: { field: 'from' },
      });
    const running = [...this.#jobs.values()].filter((job) => job.scope.tenantId === scope.tenantId).length;
    if (running >= mostRunning)
      throw new StewardError('CONFLICT', 'Two simulations are running. Wait for the end of one, or cancel it.');
    const policy = await this.#policyOf(scope, input);
    const now = clock.now().toISOString();
    const simulation: Simulation = {
      simulationId,
      status: 'running',
      from: input.from,
      to: input.to,
      ...(input.version === undefined ? {} : { version: input.version }),
      policyName: policy.name,
      createdAt: now,
      createdBy: userId,
      updatedAt: now,
      progress: { read: 0, replayed: 0, fraction: 0 },
    };
    await this.#save(scope, simulation);
    const job: Job = { scope, cancel: new AbortController(), ended: Promise.resolve() };
    this.#jobs.set(simulation.simulationId, job);
    job.ended = this.#run(job, simulation, policy, input, accessToken).finally(() => {
      this.#jobs.delete(simulation.simulationId);
      this.#progress.delete(simulation.simulationId);
    });
    return simulation;
  }

  /** @throws NOT_FOUND */
  async get(scope: TenantScope, simulationId: string): Promise<Simulation> {
    const stored = (await this.#deps.repository.record(scope, recordKeys.simulation(simulationId))) as
      Simulation | undefined;
    if (stored === undefined)
      throw new StewardError('NOT_FOUND', `There is no simulation ${simulationId}.`, { details: { simulationId } });
    if (stored.status !== 'running') return stored;
    const live = this.#progress.get(simulationId);
    if (live !== undefined) return live;
    return this.#jobs.has(simulationId) ? stored : this.#interrupted(scope, stored);
  }

  /** Newest first, without results. */
  async list(scope: TenantScope, { cursor, limit = 50 }: PageRequest): Promise<Page<Simulation>> {
    const rows = await this.#deps.repository.records(scope, {
      prefix: recordPrefixes.simulation,
      limit: limit + 1,
      newestFirst: true,
      ...(cursor === undefined ? {} : { after: cursorKey(cursor) }),
    });
    const items = rows.slice(0, limit).map(({ body }) => {
      const { result: _result, ...simulation } = body as Simulation;
      return simulation;
    });
    const last = items.at(-1);
    return { items, ...(rows.length > limit && last !== undefined ? { nextCursor: last.simulationId } : {}) };
  }

  /** Stops a running one; another stays as it ended. @throws NOT_FOUND */
  async cancel(scope: TenantScope, simulationId: string): Promise<Simulation> {
    const job = this.#jobs.get(simulationId);
    if (job !== undefined && job.scope.tenantId === scope.tenantId) {
      job.cancel.abort();
      await job.ended;
    }
    return this.get(scope, simulationId);
  }

  /** Stops all and resolves when their ends are stored. */
  async close(): Promise<void> {
    const jobs = [...this.#jobs.values()];
    for (const { cancel } of jobs) cancel.abort();
    await Promise.all(jobs.map(({ ended }) => ended));
  }

  /** Resolves when the given one has ended in this process. */
  async settled(simulationId: string): Promise<void> {
    await this.#jobs.get(simulationId)?.ended;
  }

  async #run(
    { scope, cancel }: Job,
    begun: Simulation,
    policy: PolicyContent,
    { examplesPerChange, filters }: SimulationInput,
    accessToken: string,
  ): Promise<void> {
    const { replayRecorded, clock, logger } = this.#deps;
    let simulation = begun;
    let saved = clock.now().getTime();
    let saving = Promise.resolve();
    const end = (facts: Pick<Simulation, 'status'> & Partial<Simulation>): Promise<void> => {
      const now = clock.now().toISOString();
      return this.#save(scope, { ...simulation, ...facts, updatedAt: now, finishedAt: now });
    };
    const note: NoteProgress = (progress) => {
      const now = clock.now();
      simulation = {
        ...simulation,
        updatedAt: now.toISOString(),
        progress: { ...simulation.progress, ...progress },
      };
      this.#progress.set(begun.simulationId, simulation);
      if (now.getTime() - saved < saveEveryMs) return;
      saved = now.getTime();
      const noted = simulation;
      saving = saving.then(() => this.#save(scope, noted));
      // Heard at the end, which is then stored as what it is or not at all.
      saving.catch(() => undefined);
    };
    const { sessionId, userId } = filters ?? {};
    const task = {
      policy,
      options: { ...(examplesPerChange === undefined ? {} : { examplesPerChange }), ...filters },
      query: {
        from: begun.from,
        to: begun.to,
        ...(sessionId === undefined ? {} : { sessionId }),
        ...(userId === undefined ? {} : { userId }),
      },
      accessToken,
    };
    try {
      const result = await replayRecorded(task, cancel.signal, note).finally(() => saving);
      simulation = {
        ...simulation,
        progress: { read: simulation.progress.read, replayed: result.replayed, fraction: 1 },
      };
      await end({ status: 'completed', result });
    } catch (error) {
      if (cancel.signal.aborted) return await end({ status: 'cancelled' }).catch(() => undefined);
      logger.warn({ err: error, simulationId: begun.simulationId }, 'a simulation failed');
      const message =
        error instanceof StewardError ? error.message : 'The recorded actions could not be read. Try again.';
      await end({ status: 'failed', message: message.slice(0, 1000) }).catch((failure: unknown) =>
        logger.warn({ err: failure, simulationId: begun.simulationId }, 'the end of a simulation could not be stored'),
      );
    }
  }

  async #policyOf(scope: TenantScope, { version, content }: SimulationInput): Promise<PolicyContent> {
    if (version !== undefined && content !== undefined)
      throw new StewardError('INVALID_REQUEST', 'Give either version or content.', { details: { field: 'version' } });
    if (content !== undefined) {
      refuseProblems(content);
      return content;
    }
    if (version === undefined) return (await this.#deps.policies.active(scope)).content;
    return (await this.#deps.policies.get(scope, version)).content;
  }

  async #interrupted(scope: TenantScope, stored: Simulation): Promise<Simulation> {
    const { clock, repository } = this.#deps;
    // Another instance may be at it: only one that was silent for long is given up.
    const silentMs = clock.now().getTime() - Date.parse(stored.updatedAt);
    if (silentMs < 120_000) return stored;
    const now = clock.now().toISOString();
    const failed: Simulation = {
      ...stored,
      status: 'failed',
      message: 'The service was restarted while the simulation ran. Start it again.',
      updatedAt: now,
      finishedAt: now,
    };
    await repository.putRecord(scope, { key: recordKeys.simulation(stored.simulationId), body: failed });
    return failed;
  }

  #save(scope: TenantScope, simulation: Simulation): Promise<void> {
    return this.#deps.repository.putRecord(scope, {
      key: recordKeys.simulation(simulation.simulationId),
      body: simulation,
    });
  }
}

function cursorKey(cursor: string): string {
  if (/^sim_[0-9A-HJKMNP-TV-Z]{26}$/.test(cursor)) return cursor;
  throw new StewardError('INVALID_REQUEST', 'The cursor is no place of this list. Begin again without it.', {
    details: { field: 'cursor' },
  });
}
