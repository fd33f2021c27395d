import { grantScope } from '../storage/tenant-scope.ts';
import type { TenantScope } from '../storage/tenant-scope.ts';

/** The scope that an authenticated caller of this tenant would have. */
export function testScope(tenantId: string): TenantScope {
  return grantScope(tenantId);
}
