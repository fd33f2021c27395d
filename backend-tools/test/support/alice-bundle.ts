import type { PolicyBundle } from '@steward/contracts';

/** The bundle of a session of alice at acme that grants nothing; each test says what else it holds. */
export const aliceBundle: PolicyBundle = {
  policyBundleVersion: 1,
  schemaVersion: 1,
  tenantId: 'acme',
  userId: 'alice',
  sessionId: 'sess_01JMZ5Z4Z5Z4Z5Z4Z5Z4Z5Z4Z5',
  issuedAt: '2026-02-21T15:00:00.000Z',
  expiresAt: '2026-02-21T16:00:00.000Z',
  zone: 'supervised',
  capabilities: [],
  llmPolicy: { allowedModels: [], maxInputTokens: 1, maxOutputTokens: 1, maxSessionTokens: 1 },
  approvalRules: [],
  redactionRules: [],
  mcpServers: [],
  killSwitch: false,
  offlineGraceSeconds: 0,
};
