import { describe, expect, it } from '@jest/globals';
import type { PolicyBundle } from '@steward/contracts';
import { decide, explainDecision, starterPolicies } from '@steward/policy-engine';
import { explained } from '../../src/decisions/explain.ts';

const { name, ...statement } = starterPolicies['Careful developer']!;
const bundle: PolicyBundle = {
  ...statement,
  policyName: name,
  policyBundleVersion: 1,
  schemaVersion: 1,
  tenantId: 'acme',
  userId: 'alice',
  sessionId: 'sess_00000000000000000000000000',
  issuedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T01:00:00.000Z',
  killSwitch: false,
};

describe('the explanation of an evaluated action', () => {
  it.each(['rm -rf build', 'git push --force', 'node -e 1', 'ls'])(
    'says of %s what the engine says of it',
    (command) => {
      const facts = { platform: 'linux' as const, cwd: '/work/app', workspaceDir: '/work/app', homeDir: '/home/alice' };
      const decision = decide(bundle, { toolName: 'RunCommand', arguments: { command } }, facts);

      const answer = explained(decision, bundle);

      const { decision: _, ...words } = explainDecision(bundle, decision);
      expect(answer).toEqual({ ...decision, explained: words });
    },
  );
});
