import type { PolicyContent } from '@steward/contracts';
import { dangerousCommands, generousModels, modelCalls, readingCommands, redaction, secretPlaces } from './shared.ts';

/** Looking without touching. */
export const readOnly: PolicyContent = {
  name: 'Read only',
  description:
    'The agent reads the project and runs commands that only look. It changes nothing, deletes nothing and reaches no network.',
  zone: 'supervised',
  capabilities: [
    {
      name: 'File.Read',
      allowedPaths: ['${workspace}'],
      blockedPaths: [...secretPlaces],
      requiresApproval: false,
      unlisted: 'deny',
      maxFileSizeBytes: 50_000_000,
    },
    {
      name: 'Shell.Exec',
      allowedCommands: [...readingCommands],
      blockedCommands: [...dangerousCommands],
      requiresApproval: false,
      unlisted: 'deny',
      withoutSandbox: 'deny',
      maxOutputBytes: 1_000_000,
    },
    { name: 'Workspace.Upload', requiresApproval: false, unlisted: 'deny', maxFileSizeBytes: 50_000_000 },
    modelCalls,
  ],
  llmPolicy: generousModels,
  approvalRules: [],
  redactionRules: redaction,
  mcpServers: [],
  offlineGraceSeconds: 3600,
};
