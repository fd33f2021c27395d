import { grantScope } from './tenant-scope.ts';
import type { TenantScope } from './tenant-scope.ts';

/**
 * Every job that looks across tenants, with what it may look at: `scans` reads whole tables (`contents` is the
 * store of contents), `indexes` are those whose
 * key does not begin with the tenant. All other access goes through one tenant's scope at a time.
 */
export const systemJobs = {
  'chain-verification': { scans: ['audit-events'], indexes: [] },
  'policy-queue-age': { scans: ['policies'], indexes: [] },
  'policy-tenants': { scans: ['policies'], indexes: [] },
  'workspace-purge': { scans: ['workspaces', 'contents'], indexes: ['artifacts.byCleanup'] },
} as const satisfies Record<string, { readonly scans: readonly string[]; readonly indexes: readonly string[] }>;

/** The name of a job that may look across tenants. */
export type SystemJob = keyof typeof systemJobs;

const grant = Symbol('grant');

/** The permission of one maintenance job to find rows of all tenants; it changes them as one tenant at a time. */
export class SystemScope {
  readonly job: SystemJob;
  readonly #granted = true;

  constructor(job: SystemJob, key: symbol) {
    if (key !== grant) throw new Error('A SystemScope comes from systemScope() only.');
    this.job = job;
  }

  /** The scope of one tenant whose row the job has found. */
  forTenant(tenantId: string): TenantScope {
    if (!this.#granted || tenantId === '') throw new Error('A job needs the tenant whose rows it changes.');
    return grantScope(tenantId);
  }

  /** Throws unless the job may read the table whole (`workspaces`) or the index (`artifacts.byCleanup`). */
  assertMayRead(kind: 'scans' | 'indexes', name: string): void {
    const allowed: readonly string[] = systemJobs[this.job][kind];
    if (this.#granted && allowed.includes(name)) return;
    throw new Error(`The job ${this.job} may not read ${name} across tenants.`);
  }
}

/** Makes the scope of a job. Only the jobs' own files import this; the linter holds the list. */
export function systemScope(job: SystemJob): SystemScope {
  return new SystemScope(job, grant);
}
