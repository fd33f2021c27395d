import type { PolicyChangeRecord } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import type { Page, PageRequest, TenantScope } from '@steward/service-kit';
import { recordPrefixes } from './record-keys.ts';
import type { PolicyRepository } from './repository.ts';

/** Who changed what, when and why; newest first. @throws INVALID_REQUEST for a cursor that no page gave */
export async function changeHistory(
  policies: PolicyRepository,
  scope: TenantScope,
  page: PageRequest,
): Promise<Page<PolicyChangeRecord>> {
  const limit = page.limit ?? 50;
  const rows = await policies.records(scope, {
    prefix: recordPrefixes.change,
    limit: limit + 1,
    newestFirst: true,
    ...(page.cursor === undefined ? {} : { after: cursorKey(page.cursor) }),
  });
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(({ body }) => body as PolicyChangeRecord),
    ...(rows.length > limit && last !== undefined ? { nextCursor: Buffer.from(last.key).toString('base64url') } : {}),
  };
}

function cursorKey(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (/^c\d{10}$/.test(key)) return key;
  throw new StewardError('INVALID_REQUEST', 'The cursor is no place of this list. Begin again without it.', {
    details: { field: 'cursor' },
  });
}
