import { approvalOpenApi } from '@steward/contracts/openapi';
import type { ApprovalOperations } from '@steward/sdk';
import { createService } from '@steward/service-kit';
import type { ProcessOptions, Service, ServiceOptions, SigningKeys } from '@steward/service-kit';
import type { ApprovalRepository } from './approvals/repository.ts';
import { createApprovalRoutes } from './approvals/routes.ts';
import { ApprovalService } from './approvals/service.ts';
import { createReceiptRoutes } from './receipts/routes.ts';

/** What the Approval Service runs on; owned by the caller. */
export interface ApprovalAppDeps extends Pick<
  ServiceOptions<ApprovalOperations>,
  'authenticate' | keyof ProcessOptions | 'idempotency' | 'readiness' | 'logger' | 'clock' | 'newId'
> {
  readonly repository: ApprovalRepository;
  readonly keys: SigningKeys;
}

/** Builds the Approval Service without listening. */
export function createApp(deps: ApprovalAppDeps): Service {
  const { repository, keys, ...service } = deps;
  const approvals = new ApprovalService({ repository, keys });
  return createService<ApprovalOperations>({
    ...service,
    name: 'approval',
    openApi: approvalOpenApi,
    handlers: { ...createApprovalRoutes(approvals), ...createReceiptRoutes(keys) },
  });
}
