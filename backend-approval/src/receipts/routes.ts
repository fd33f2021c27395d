import type { ApprovalOperations } from '@steward/sdk';
import type { OperationHandlers, SigningKeys } from '@steward/service-kit';

/** The keys that verify receipts. */
export function createReceiptRoutes(keys: SigningKeys): Pick<OperationHandlers<ApprovalOperations>, 'getReceiptJwks'> {
  return {
    getReceiptJwks: () => ({
      status: 200,
      body: { keys: keys.jwks.keys.map((key) => ({ ...key })) },
      headers: { 'Cache-Control': 'public, max-age=300' },
    }),
  };
}
