import type { FeatureFlags } from '@steward/contracts';
import type { SessionServiceConfig } from './config.ts';

/** The flags that each tenant's sessions are told at their handshake. Pure. */
export function createFeatureFlags({
  contextSummaries,
}: Pick<SessionServiceConfig, 'contextSummaries'>): (tenantId: string) => FeatureFlags {
  return (tenantId) => ({
    approvalUiEnabled: true,
    mcpEnabled: true,
    contextSummaries: contextSummaries === 'everybody' || contextSummaries.includes(tenantId),
  });
}
