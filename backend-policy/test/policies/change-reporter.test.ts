import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@steward/contracts';
import { starterPolicies } from '@steward/policy-engine';
import { createManualClock } from '@steward/service-kit/test-support';
import { ChangeReporter } from '../../src/policies/change-reporter.ts';
import { MemoryPolicyRepository } from '../../src/policies/repository.memory.ts';
import { PolicyAdministration } from '../../src/policies/service.ts';

let sent: EventEnvelope[];
let failures: number;
let errors: unknown[];
let pauses: number[];
let reporter: ChangeReporter;
let policies: PolicyAdministration;

beforeEach(() => {
  sent = [];
  errors = [];
  pauses = [];
  failures = 0;
  let ids = 0;
  reporter = new ChangeReporter({
    send: async (_change, event) => {
      failures -= 1;
      if (failures >= 0) throw new Error('away');
      sent.push(event);
    },
    logger: {
      info: () => undefined,
      warn: () => undefined,
      error: (facts: unknown) => void errors.push(facts),
    } as never,
    newId: (prefix) => `${prefix}_${(ids += 1)}`,
    wait: async (ms) => void pauses.push(ms),
  });
  policies = new PolicyAdministration({
    policies: new MemoryPolicyRepository(),
    initialPolicy: starterPolicies['Careful developer']!,
    clock: createManualClock(),
    reportChange: (change) => reporter.report(change),
  });
});

async function publish(): Promise<void> {
  const { version } = await policies.createDraft('acme', 'carol', starterPolicies['Locked down']!);
  await policies.publish('acme', 'carol', version, { reason: 'Lock it down.' });
}

describe('ChangeReporter', () => {
  it('tells who published, rolled back and switched off what, and why, each once', async () => {
    await publish();
    await policies.publish('acme', 'carol', 2, { reason: 'Lock it down.' });
    await policies.rollback('acme', 'carol', 1, { reason: 'Too tight.' });
    await policies.setKillSwitch('acme', 'erin', true, 'Incident.');
    await policies.setKillSwitch('acme', 'erin', true, 'Incident.');
    await reporter.close();

    expect(sent.map(({ userId, severity, payload }) => ({ userId, severity, ...payload }))).toEqual([
      { userId: 'carol', severity: 'info', change: 'published', version: 2, reason: 'Lock it down.' },
      { userId: 'carol', severity: 'info', change: 'rolled_back', version: 3, reason: 'Too tight.' },
      { userId: 'erin', severity: 'warning', change: 'kill_switch_on', version: 3, reason: 'Incident.' },
    ]);
    expect(sent[0]).toMatchObject({
      eventType: 'policy_changed',
      tenantId: 'acme',
      component: 'PolicyService',
      principal: { type: 'user', id: 'carol' },
    });
    expect(sent[0]).not.toHaveProperty('workspaceId');
  });

  it('sends again with growing pauses under the same id, before what came later', async () => {
    failures = 3;

    await publish();
    await policies.setKillSwitch('acme', 'erin', true, 'Incident.');
    while (sent.length < 2) await new Promise((resolve) => setImmediate(resolve));

    expect(pauses).toEqual([500, 1000, 2000]);
    expect(sent.map(({ eventId }) => eventId)).toEqual(['evt_1', 'evt_2']);
    expect(errors).toEqual([]);
  });

  it('logs an error with the whole event when it never arrives, and goes on with the next', async () => {
    failures = 10;

    await publish();
    await policies.setKillSwitch('acme', 'erin', true, 'Incident.');
    while (sent.length < 1) await new Promise((resolve) => setImmediate(resolve));

    expect(errors).toMatchObject([{ auditEvent: { eventType: 'policy_changed', payload: { change: 'published' } } }]);
    expect(sent).toMatchObject([{ payload: { change: 'kill_switch_on' } }]);
  });
});
