import { describe, expect, it } from '@jest/globals';
import type { Capability, PolicyBundle, PolicyFacts } from '@steward/contracts';
import { decide, starterPolicies } from '@steward/policy-engine';
import { wallsFor } from '../../src/loop/walls.ts';

const now = '2026-01-01T00:00:00.000Z';
const facts: PolicyFacts = { platform: 'linux', cwd: '/p', workspaceDir: '/p', homeDir: '/home/ann', realPaths: {} };

function wallsWith(read: Partial<Capability>): ReturnType<typeof wallsFor> {
  const { description: _description, name: policyName, ...content } = starterPolicies['Careful developer']!;
  const capabilities = [
    ...content.capabilities.filter(({ name }) => name !== 'File.Read'),
    { name: 'File.Read', requiresApproval: false, ...read } as Capability,
  ];
  const bundle: PolicyBundle = {
    ...content,
    policyName,
    capabilities,
    policyBundleVersion: 1,
    schemaVersion: 1,
    tenantId: 'acme',
    userId: 'ann',
    sessionId: 'sess_01ARZ3NDEKTSV4RRFFQ69G5FAV',
    issuedAt: now,
    expiresAt: '2026-01-02T00:00:00.000Z',
    killSwitch: false,
  };
  const options = { now, bundleState: 'active' as const };
  const decision = decide(bundle, { toolName: 'RunCommand', arguments: { command: 'ls' } }, facts, options);
  return wallsFor({ bundle, bundleState: 'active', decision, approved: false, facts, taskOptions: {}, now: () => now });
}

describe('The walls of a command', () => {
  it('show the folders that the bundle lets be read whole, and no more for a pattern', () => {
    const allowedPaths = ['${workspace}', '${home}/docs', '/srv/data/**', '${home}/**/*.md', '/etc/*.conf'];

    expect(wallsWith({ allowedPaths }).readRoots).toEqual(['/p', '/home/ann/docs', '/srv/data']);
  });

  it('show nothing that would need asking', () => {
    expect(wallsWith({ allowedPaths: ['${home}'], requiresApproval: true }).readRoots).toEqual([]);
  });
});
