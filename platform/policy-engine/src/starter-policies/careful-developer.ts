import type { PolicyContent } from '@steward/contracts';
import {
  askBeforeReadingSecrets,
  controlPlaces,
  dangerousCommands,
  generousModels,
  modelCalls,
  projectCommands,
  readingCommands,
  redaction,
  secretPlaces,
} from './shared.ts';

/** The default: work freely inside the project, ask before running, deleting or reaching out. */
export const carefulDeveloper: PolicyContent = {
  name: 'Careful developer',
  description:
    'The agent reads and edits files of the project and looks around with harmless commands on its own. It asks before it deletes, runs project code or unknown commands, or reaches the network.',
  zone: 'supervised',
  capabilities: [
    {
      name: 'File.Read',
      allowedPaths: ['${workspace}'],
      blockedPaths: [...secretPlaces],
      requiresApproval: false,
      unlisted: 'require_approval',
      maxFileSizeBytes: 50_000_000,
    },
    {
      name: 'File.Write',
      allowedPaths: ['${workspace}'],
      blockedPaths: [...secretPlaces, ...controlPlaces],
      requiresApproval: false,
      unlisted: 'require_approval',
      maxFileSizeBytes: 10_000_000,
    },
    {
      name: 'File.Delete',
      allowedPaths: ['${workspace}'],
      blockedPaths: [...secretPlaces, ...controlPlaces],
      requiresApproval: false,
      unlisted: 'deny',
    },
    {
      name: 'Shell.Exec',
      allowedCommands: [...readingCommands, ...projectCommands, 'mkdir', 'touch', 'git add'],
      blockedCommands: [...dangerousCommands],
      requiresApproval: false,
      unlisted: 'require_approval',
      maxOutputBytes: 1_000_000,
    },
    {
      name: 'Network.Http',
      allowedDomains: [],
      allowedSchemes: ['https'],
      requiresApproval: false,
      unlisted: 'require_approval',
      maxOutputBytes: 10_485_760,
    },
    { name: 'Workspace.Upload', requiresApproval: false, unlisted: 'deny', maxFileSizeBytes: 50_000_000 },
    { name: 'BackendTool.Invoke', allowedToolNames: [], requiresApproval: true, unlisted: 'require_approval' },
    modelCalls,
  ],
  llmPolicy: generousModels,
  approvalRules: [
    {
      ruleId: 'ask-before-deleting',
      title: 'Ask before deleting files',
      capability: 'File.Delete',
      decision: 'require_approval',
      allowedScopes: ['once', 'task'],
      approverRole: 'user',
      examples: {
        match: [
          { toolName: 'DeleteFile', arguments: { path: 'src/old.ts' } },
          { toolName: 'RunCommand', arguments: { command: 'rm -f src/old.ts' } },
        ],
        noMatch: [{ toolName: 'WriteFile', arguments: { path: 'src/new.ts', content: '' } }],
      },
    },
    askBeforeReadingSecrets,
    {
      ruleId: 'ask-before-running-project-scripts',
      title: 'Ask before running code of the project',
      capability: 'Shell.Exec',
      match: { commands: [...projectCommands] },
      decision: 'require_approval',
      allowedScopes: ['once', 'task', 'session'],
      approverRole: 'user',
      examples: {
        match: [
          { toolName: 'RunCommand', arguments: { command: 'npm test' } },
          { toolName: 'RunCommand', arguments: { command: 'cd sub && npm run build' } },
        ],
        noMatch: [
          { toolName: 'RunCommand', arguments: { command: 'git status' } },
          { toolName: 'RunCommand', arguments: { command: 'npm --version' } },
        ],
      },
    },
  ],
  redactionRules: redaction,
  mcpServers: [],
  offlineGraceSeconds: 3600,
};
