import type { PolicyContent } from '@steward/contracts';
import { controlPlaces, generousModels, modelCalls, redaction, secretPlaces } from './shared.ts';

/** Every change is confirmed by someone else. */
export const lockedDown: PolicyContent = {
  name: 'Locked down',
  description:
    'The agent reads the project, and every change to a file waits for the approval of someone with the role approver. It runs no commands, deletes nothing and reaches no network.',
  zone: 'high_stakes',
  capabilities: [
    {
      name: 'File.Read',
      allowedPaths: ['${workspace}'],
      blockedPaths: [...secretPlaces, ...controlPlaces],
      requiresApproval: false,
      unlisted: 'deny',
      maxFileSizeBytes: 10_000_000,
    },
    {
      name: 'File.Write',
      allowedPaths: ['${workspace}'],
      blockedPaths: [...secretPlaces, ...controlPlaces],
      requiresApproval: true,
      unlisted: 'deny',
      maxFileSizeBytes: 1_000_000,
    },
    modelCalls,
  ],
  llmPolicy: { ...generousModels, maxSessionTokens: 500_000 },
  approvalRules: [],
  redactionRules: redaction,
  mcpServers: [],
  offlineGraceSeconds: 0,
};
