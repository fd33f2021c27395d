import { compositeKey } from './pages.ts';

/** Proves that a constructor call comes from this file; it never leaves it. */
const grant = Symbol('grant');

/**
 * The permission to read and write one tenant's rows. It exists for authenticated callers (`Caller.scope`), for jobs
 * through their `SystemScope`, and for tests; nobody else can make one, neither by a type cast nor at run time.
 */
export class TenantScope {
  /** The tenant whose rows are meant; empty for callers of public operations, who can reach none. */
  readonly tenantId: string;
  readonly #granted = true;

  constructor(tenantId: string, key: symbol) {
    if (key !== grant) throw new Error('A TenantScope comes from an authenticated caller or a SystemScope only.');
    this.tenantId = tenantId;
  }

  /** True for scopes that were granted here, false for objects that only look like one. */
  static isGranted(value: unknown): value is TenantScope {
    return typeof value === 'object' && value !== null && #granted in value;
  }
}

/** Grants a scope. Called by the authenticated request, by `SystemScope` and by test support; a test holds the list. */
export function grantScope(tenantId: string): TenantScope {
  return new TenantScope(tenantId, grant);
}

/**
 * The key of a row: the tenant, then the parts. Two tenants never share one, whatever the parts hold.
 * Throws when the scope was not granted or has no tenant.
 */
export function tenantKey(scope: TenantScope, ...parts: readonly string[]): string {
  assertGranted(scope);
  return compositeKey(scope.tenantId, ...parts);
}

/** Throws unless the row says that it belongs to the scope's tenant: a row of another is a defect, never an answer. */
export function assertOwnTenant(scope: TenantScope, row: { readonly tenantId?: unknown }): void {
  assertGranted(scope);
  if (row.tenantId === scope.tenantId) return;
  throw new Error('A row of another tenant than the one asked for was about to be read or written.');
}

function assertGranted(scope: TenantScope): void {
  if (!TenantScope.isGranted(scope)) throw new Error('Storage was asked without a granted TenantScope.');
  if (scope.tenantId === '') throw new Error('A caller of a public operation has no tenant and no rows.');
}
