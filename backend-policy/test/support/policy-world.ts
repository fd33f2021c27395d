import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { EventEnvelope, PolicyContent } from '@steward/contracts';
import { starterPolicies } from '@steward/policy-engine';
import { ensureTables } from '@steward/service-kit';
import { callService, createManualClock, createTestIssuer, silentLogger } from '@steward/service-kit/test-support';
import type { RunningDynamo, ServiceCaller, TestIssuer } from '@steward/service-kit/test-support';
import { createApp } from '../../src/app.ts';
import type { AppDeps, PolicyService } from '../../src/app.ts';
import { KeyRing } from '../../src/keys/key-ring.ts';
import { DynamoPolicyRepository } from '../../src/policies/repository.dynamo.ts';
import { MemoryPolicyRepository } from '../../src/policies/repository.memory.ts';
import type { PolicyRepository } from '../../src/policies/repository.ts';
import { replayInline } from '../../src/simulations/replay-recorded.ts';

export const careful = starterPolicies['Careful developer']!;
export const readOnly = starterPolicies['Read only']!;

/** A repository of the named kind, empty. */
export async function freshRepository(store: string, dynamo: RunningDynamo | undefined): Promise<PolicyRepository> {
  if (store === 'memory' || dynamo === undefined) return new MemoryPolicyRepository();
  const env = `t${randomUUID().slice(0, 8)}`;
  await ensureTables(dynamo.client, env);
  return new DynamoPolicyRepository({ client: dynamo.client, env });
}

/** A whole Policy Service in this process, with time, the Audit Service and recorded actions in a test's hands. */
export class PolicyWorld {
  readonly clock = createManualClock();
  readonly audited: EventEnvelope[] = [];
  readonly timers: { ms: number; action: () => void }[] = [];
  auditFailure: Error | undefined;
  readonly service: PolicyService;
  readonly api: ServiceCaller;
  readonly ring: KeyRing;
  readonly issuer: TestIssuer;

  private constructor(parts: Pick<AppDeps, 'policies'> & Partial<AppDeps>, ring: KeyRing, issuer: TestIssuer) {
    this.ring = ring;
    this.issuer = issuer;
    this.service = createApp({
      initialPolicy: careful,
      keys: ring,
      sessions: { find: async () => ({ userId: 'alice' }) },
      bundleLifetimeSeconds: 3600,
      clock: this.clock,
      authenticate: issuer.authenticate,
      logger: silentLogger,
      replayRecorded: replayInline({ read: async function* () {} }),
      pollMs: 10,
      after: (ms, action) => {
        const timer = { ms, action };
        this.timers.push(timer);
        return () => void this.timers.splice(this.timers.indexOf(timer), 1);
      },
      sendAuditEvent: async (event) => {
        if (this.auditFailure !== undefined) throw this.auditFailure;
        this.audited.push(event);
      },
      ...parts,
    });
    this.api = callService(this.service);
  }

  static async open(folder: string, parts: Pick<AppDeps, 'policies'> & Partial<AppDeps>): Promise<PolicyWorld> {
    const clock = createManualClock();
    const ring = parts.keys ?? (await KeyRing.open(join(folder, `${randomUUID()}.json`), clock));
    return new PolicyWorld(parts, ring, await createTestIssuer());
  }

  token(sub = 'carol', roles: readonly string[] = ['admin'], tenantId = 'acme'): Promise<string> {
    return this.issuer.tokenFor({ sub, roles: [...roles] as never, tenantId });
  }

  async draft(content: PolicyContent = careful, sub = 'carol'): Promise<{ version: number; revision: number }> {
    return (await this.api.post('/policies', { token: await this.token(sub), body: { content } })).body as never;
  }

  async publish(version: number, extra: object = {}): ReturnType<ServiceCaller['post']> {
    return this.api.post(`/policies/${version}/publish`, {
      token: await this.token(),
      body: { reason: 'Because.', ...extra },
    });
  }
}
