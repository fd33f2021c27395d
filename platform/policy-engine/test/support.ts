import type { Decision, PolicyAction, PolicyBundle, PolicyContent, PolicyFacts } from '@steward/contracts';
import { decide, starterPolicies } from '../src/index.ts';

/** A bundle made of a policy, as the Policy Service makes one. */
export function bundleOf(content: PolicyContent, changes: Partial<PolicyBundle> = {}): PolicyBundle {
  const { name, description: _, ...rest } = content;
  return {
    policyBundleVersion: 1,
    schemaVersion: 1,
    tenantId: 'acme',
    userId: 'alice',
    sessionId: 'sess_01JF0000000000000000000000',
    issuedAt: '2026-02-21T15:00:00.000Z',
    expiresAt: '2026-02-21T16:00:00.000Z',
    policyName: name,
    killSwitch: false,
    ...rest,
    ...changes,
  };
}

/** One of the starter policies as a bundle. */
export function starterBundle(name: string): PolicyBundle {
  const content = starterPolicies[name];
  if (content === undefined) throw new Error(`there is no starter policy ${name}`);
  return bundleOf(content);
}

/** An empty policy that grants nothing. */
export const emptyPolicy: PolicyContent = {
  name: 'Empty',
  zone: 'sandbox',
  capabilities: [],
  llmPolicy: { allowedModels: [], maxInputTokens: 0, maxOutputTokens: 0, maxSessionTokens: 0 },
  approvalRules: [],
  redactionRules: [],
  mcpServers: [],
  offlineGraceSeconds: 60,
};

/** A Linux machine with a project at /work/app. */
export const linux: PolicyFacts = {
  platform: 'linux',
  cwd: '/work/app',
  workspaceDir: '/work/app',
  homeDir: '/home/alice',
};

/** Decides a shell command under a starter policy. */
export function decideCommand(command: string, name = 'Careful developer', facts: PolicyFacts = linux): Decision {
  return decide(starterBundle(name), { toolName: 'RunCommand', arguments: { command } }, facts);
}

/** Decides a tool call under a starter policy. */
export function decideTool(
  toolName: string,
  args: PolicyAction['arguments'],
  name = 'Careful developer',
  facts: PolicyFacts = linux,
): Decision {
  return decide(starterBundle(name), { toolName, arguments: args }, facts);
}
