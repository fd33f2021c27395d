import { scopedTable } from '@steward/service-kit';
import type { DynamoDeps, ScopedWrite, TenantScope } from '@steward/service-kit';

/** How often a write of a workspace's row is tried while others write it: many uploads share one row. */
export const manyWriters = 12;

/** Marks a workspace active; part of every write into it, and refused when it is not there or being deleted. */
export function touchOf(deps: DynamoDeps, scope: TenantScope, workspaceId: string, at: string): ScopedWrite {
  return scopedTable(deps, 'workspaces', scope).update(
    { id: [workspaceId] },
    'SET lastActiveAt = :at, updatedAt = :at',
    {
      condition: 'attribute_exists(tenantId) AND attribute_not_exists(deletingSince)',
      values: { ':at': at },
    },
  );
}
