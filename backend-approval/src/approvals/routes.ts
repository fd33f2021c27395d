import type { ApprovalOperations } from '@steward/sdk';
import type { OperationHandlers } from '@steward/service-kit';
import type { ApprovalService } from './service.ts';

/** The operations on approvals. */
export function createApprovalRoutes(
  service: ApprovalService,
): Omit<OperationHandlers<ApprovalOperations>, 'getReceiptJwks'> {
  return {
    createApproval: async ({ body, context }) => {
      const { isNew, approval } = await service.record(context.caller, body, context.now);
      return { status: isNew ? 201 : 200, body: approval };
    },
    listApprovals: async ({ query, context }) => ({
      status: 200,
      body: await service.list(context.caller, query, context.now),
    }),
    getApproval: async ({ path, context }) => ({
      status: 200,
      body: await service.get(context.caller, path.approvalId, context.now),
    }),
    decideApproval: async ({ path, body, context }) => ({
      status: 200,
      body: await service.decide(context.caller, path.approvalId, body, context.now),
    }),
  };
}
