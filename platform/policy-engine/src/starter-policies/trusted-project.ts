import type { PolicyContent } from '@steward/contracts';
import { controlPlaces, dangerousCommands, generousModels, modelCalls, projectCommands, readingCommands, redaction, secretPlaces } from './shared.ts';

const everydayCommands = ['mkdir', 'touch', 'cp', 'mv', 'rm', 'git add', 'git commit', 'git stash', 'git switch', 'git checkout', 'git restore', 'git branch', 'git merge', 'git fetch', 'git pull', 'npm install', 'npm ci', 'npm i', 'pnpm install', 'yarn install', 'pip install', 'cargo fetch', 'go mod'];

/** For folders whose code the person would run without looking. */
export const trustedProject: PolicyContent = {
  name: 'Trusted project',
  description:
    'The agent edits, deletes, builds and tests inside the project without asking, and fetches packages. It still asks before it works outside the project, runs unknown commands, or sends anything out.',
  zone: 'sandbox',
  capabilities: [
    { name: 'File.Read', allowedPaths: ['${workspace}'], blockedPaths: [...secretPlaces], requiresApproval: false, unlisted: 'require_approval', maxFileSizeBytes: 100_000_000 },
    { name: 'File.Write', allowedPaths: ['${workspace}'], blockedPaths: [...secretPlaces, ...controlPlaces], requiresApproval: false, unlisted: 'require_approval', maxFileSizeBytes: 50_000_000 },
    { name: 'File.Delete', allowedPaths: ['${workspace}'], blockedPaths: [...secretPlaces, ...controlPlaces], requiresApproval: false, unlisted: 'deny' },
    { name: 'Shell.Exec', allowedCommands: [...readingCommands, ...projectCommands, ...everydayCommands], blockedCommands: [...dangerousCommands], requiresApproval: false, unlisted: 'require_approval', maxOutputBytes: 5_000_000 },
    { name: 'Network.Http', allowedDomains: ['registry.npmjs.org', 'pypi.org', 'files.pythonhosted.org', 'crates.io', 'static.crates.io', 'proxy.golang.org', 'api.github.com', 'raw.githubusercontent.com', 'developer.mozilla.org', 'nodejs.org'], allowedSchemes: ['https'], requiresApproval: false, unlisted: 'require_approval', maxOutputBytes: 10_485_760 },
    { name: 'Workspace.Upload', requiresApproval: false, unlisted: 'deny', maxFileSizeBytes: 100_000_000 },
    { name: 'BackendTool.Invoke', allowedToolNames: [], requiresApproval: true, unlisted: 'require_approval' },
    modelCalls,
  ],
  llmPolicy: generousModels,
  approvalRules: [
    {
      ruleId: 'ask-before-egress-after-untrusted-content',
      title: 'Ask before reaching the network once untrusted content was read',
      capability: 'Network.Http',
      match: { untrustedContentRead: true },
      decision: 'require_approval',
      allowedScopes: ['once', 'task'],
      approverRole: 'user',
    },
    {
      ruleId: 'ask-before-git-push',
      title: 'Ask before publishing commits',
      capability: 'Shell.Exec',
      match: { commands: ['git push'] },
      decision: 'require_approval',
      allowedScopes: ['once'],
      approverRole: 'user',
      examples: {
        match: [{ toolName: 'RunCommand', arguments: { command: 'git -C . push origin main' } }],
        noMatch: [{ toolName: 'RunCommand', arguments: { command: 'git status' } }],
      },
    },
  ],
  redactionRules: redaction,
  mcpServers: [],
  offlineGraceSeconds: 86_400,
};
