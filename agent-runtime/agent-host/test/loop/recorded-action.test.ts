import { describe, expect, it } from '@jest/globals';
import type { PolicyBundle } from '@steward/contracts';
import { recordAction } from '../../src/loop/recorded-action.ts';
import { auditEnvelope } from '../../src/outbox/audit-envelope.ts';

const facts = { platform: 'linux' as const, cwd: '/project', workspaceDir: '/project' };
const judged = {
  facts,
  decision: { actionDigest: `sha256:${'0'.repeat(64)}` },
  judgedBy: { policyBundleVersion: 3 } as PolicyBundle,
};
const redact = (text: string): string => text.replaceAll('hunter2', '[secret]');
const record = (toolName: string, args: Record<string, unknown>) =>
  recordAction(toolName, args, judged, { allowNetwork: false, maxSteps: 3 }, redact);

describe('what a decision was made from', () => {
  it('is kept whole: arguments, facts and the options that count', () => {
    expect(record('RunCommand', { command: 'npm test' })).toEqual({
      schemaVersion: 1,
      toolName: 'RunCommand',
      policyBundleVersion: 3,
      actionDigest: judged.decision.actionDigest,
      replayable: true,
      arguments: { command: 'npm test' },
      facts,
      taskOptions: { allowNetwork: false },
    });
  });

  it('holds of written content its size only, also when it held a secret', () => {
    expect(record('WriteFile', { path: '/project/a', content: 'é hunter2' })).toMatchObject({
      replayable: true,
      arguments: { path: '/project/a' },
      sizes: { content: 10 },
    });
  });

  it.each([
    ['a secret', { command: 'login hunter2' }, 'It held a secret, which is not kept.'],
    ['a secret deep inside', { a: [{ b: 'hunter2' }] }, 'It held a secret, which is not kept.'],
    ['a name that is a secret', { hunter2: 1 }, 'It held a secret, which is not kept.'],
    ['a very long text', { command: 'x'.repeat(20_001) }, 'It is too large to be kept whole.'],
    [
      'very many texts',
      { list: Array.from({ length: 100 }, () => 'x'.repeat(1000)) },
      'It is too large to be kept whole.',
    ],
  ])('says that it can’t be replayed instead of keeping %s', (_name, args, reason) => {
    const recorded = record('RunCommand', args);

    expect(recorded).toMatchObject({ replayable: false, reason });
    expect(recorded).not.toHaveProperty('arguments');
    expect(JSON.stringify(recorded)).not.toContain('hunter2');
  });

  it('reaches the Audit Service as it is, while everything else of the event is cut and redacted', () => {
    const command = `echo ${'x'.repeat(5000)}`;
    const recorded = record('RunCommand', { command });
    const event = {
      eventId: 'evt_00000000000000000000000001',
      eventType: 'decision_recorded',
      timestamp: '2026-01-01T00:00:00.000Z',
      sessionId: 'sess_00000000000000000000000001',
      seq: 1,
      payload: { decision: { explanation: `hunter2 ${'y'.repeat(5000)}` }, recorded },
    };

    const { payload } = auditEnvelope(JSON.stringify(event), { tenantId: 'acme', userId: 'alice' }, redact);

    expect(payload['recorded']).toEqual(recorded);
    expect(JSON.stringify(payload['decision'])).not.toContain('hunter2');
    expect(JSON.stringify(payload['decision']).length).toBeLessThan(2200);
  });
});
