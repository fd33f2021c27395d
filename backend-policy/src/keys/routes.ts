import type { SigningKeyStatus } from '@steward/contracts';
import type { PolicyOperations } from '@steward/sdk';
import type { OperationHandlers } from '@steward/service-kit';

/** Answers which keys sign bundles. */
export function createKeyRoutes(
  list: () => SigningKeyStatus[],
): Pick<OperationHandlers<PolicyOperations>, 'listSigningKeys'> {
  return { listSigningKeys: () => ({ status: 200, body: { items: list() } }) };
}
