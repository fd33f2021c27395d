import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SessionEvent } from '@steward/contracts';
import { ServiceUnreachableError } from '@steward/sdk';
import { TestHost, callsOf, testSessionId } from '../support/test-host.ts';
import { settle } from '../support/manual-time.ts';

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  await host.open();
  await host.time.advance(1);
});
afterEach(() => host.close());

const away = new ServiceUnreachableError('The service can’t be reached.');
const request = { name: 'HttpRequest', arguments: { method: 'POST', url: 'https://example.com/orders', body: 'x' } };
const write = { name: 'WriteFile', arguments: { path: '/project/a.txt', content: 'x' } };
const read = { name: 'ReadFile', arguments: { path: '/project/a.txt' } };
const command = (text: string) => ({ name: 'RunCommand', arguments: { command: text } });

/** The model's steps in order, each a list of calls; then the end. */
function say(...steps: { name: string; arguments: unknown }[][]): void {
  host.model.next = (index) =>
    steps[index] === undefined ? { text: 'Done.', toolCalls: [], finishReason: 'stop' } : callsOf(...steps[index]);
}

const approvalOf = async (): Promise<{ approvalId: string; actionDigest: string }> =>
  (await host.event('approval_requested')).payload['approval'] as never;

const completed = (): { toolName: unknown; status: unknown; code: unknown }[] =>
  host.events
    .filter(({ eventType }) => eventType === 'tool_completed')
    .map(({ payload }) => ({
      toolName: payload['toolName'],
      status: payload['status'],
      code: (payload['error'] as { code?: string } | undefined)?.code,
    }));

/** Lets a revocation arrive, with the bundle that the Policy Service would then issue. */
async function revoke(
  entry: Parameters<typeof host.backend.revoke>[0],
  bundle: typeof host.backend.bundle = {},
): Promise<void> {
  host.backend.bundle = { ...host.backend.bundle, ...bundle };
  host.backend.revoke(entry);
  await settle();
}

describe('a running session and the revocation stream', () => {
  it('denies an approved external write that has not started when the kill switch is thrown', async () => {
    const other = command('npm test');
    say([request, other]);
    const taskId = await host.start();
    const both = (): SessionEvent[] => host.events.filter(({ eventType }) => eventType === 'approval_requested');
    while (both().length < 2) await settle();
    const [first, second] = both().map(
      ({ payload }) =>
        payload['approval'] as { approvalId: string; actionDigest: string; details: { toolName: string } },
    );
    const external = first!.details.toolName === 'HttpRequest' ? first! : second!;
    const { approvalId, actionDigest } = external;
    await host.peer.request('ApproveAction', {
      sessionId: testSessionId,
      approvalId,
      actionDigest,
      decision: 'approved',
    } as never);

    // Approved, but it waits for its neighbour; the switch comes first.
    await revoke({ kind: 'kill_switch_on', policyBundleVersion: 2 }, { policyBundleVersion: 2, killSwitch: true });
    await host.ended(taskId);

    expect(host.log.filter((line) => line.startsWith('execute'))).toEqual([]);
    expect(completed()).toEqual(
      expect.arrayContaining([{ toolName: 'HttpRequest', status: 'denied', code: 'KILL_SWITCH_ACTIVE' }]),
    );
  });

  it('answers a waiting approval of that class at once, even while no fresh policy can be fetched', async () => {
    say([request]);
    const taskId = await host.start();
    await approvalOf();
    host.backend.failure = away;

    await revoke({ kind: 'kill_switch_on', policyBundleVersion: 2 });
    const resolved = await host.event('approval_resolved');
    host.backend.failure = undefined;
    await host.ended(taskId);

    expect(resolved.payload['decision']).toBe('denied');
    expect(String(resolved.payload['reason'])).toContain('An admin has stopped every action');
    expect(completed()).toEqual([{ toolName: 'HttpRequest', status: 'denied', code: 'KILL_SWITCH_ACTIVE' }]);
  });

  it('leaves work inside the project alone when the kill switch is thrown', async () => {
    await revoke({ kind: 'kill_switch_on', policyBundleVersion: 2 }, { policyBundleVersion: 2, killSwitch: true });
    say([write]);

    await host.ended(await host.start());

    expect(completed()).toEqual([{ toolName: 'WriteFile', status: 'succeeded', code: undefined }]);
  });

  it('refuses the next matching command after a rule was tightened, with a sentence that names the rule', async () => {
    say([command('git status')], [command('git status')]);
    host.tools.behaviour = async () => {
      const { approvalRules } = JSON.parse((await host.backend.resumeSession()).policyBundle) as {
        approvalRules: unknown[];
      };
      const rule = {
        ruleId: 'no-git',
        title: 'No git for now',
        capability: 'Shell.Exec',
        match: { commands: ['git'] },
        decision: 'deny',
      };
      await revoke(
        { kind: 'policy_activated', policyBundleVersion: 2, version: 2 },
        { policyBundleVersion: 2, approvalRules: [...approvalRules, rule] as never },
      );
      return { outputText: 'clean' };
    };

    await host.ended(await host.start());

    expect(completed()).toEqual([
      { toolName: 'RunCommand', status: 'succeeded', code: undefined },
      { toolName: 'RunCommand', status: 'denied', code: 'CAPABILITY_DENIED' },
    ]);
    const last = host.events.findLast(({ eventType }) => eventType === 'tool_completed');
    expect((last!.payload['error'] as { message: string }).message).toContain('rule "No git for now"');
  });

  it('goes on by a fresh bundle when the one it has is revoked', async () => {
    await revoke({ kind: 'bundle_revoked', policyBundleVersion: 1 }, { policyBundleVersion: 2 });
    say([write]);

    await host.ended(await host.start());

    expect(completed()).toEqual([{ toolName: 'WriteFile', status: 'succeeded', code: undefined }]);
    expect(host.types()).not.toContain('session_paused');
    const shown = host.events.findLast(({ eventType }) => eventType === 'policy_changed');
    expect(shown!.payload['policy']).toMatchObject({ state: 'active', policyBundleVersion: 2 });
  });

  it('pauses while a revoked bundle can’t be replaced', async () => {
    host.backend.failure = away;
    await revoke({ kind: 'bundle_revoked', policyBundleVersion: 1 }, { policyBundleVersion: 2 });
    say([write]);

    await host.start();
    const paused = await host.event('session_paused');

    expect(paused.payload).toMatchObject({ code: 'POLICY_EXPIRED', waitsFor: 'services' });
    expect(completed()).toEqual([]);
  });

  it.each([
    ['the session is revoked', { kind: 'session_revoked' as const, sessionId: testSessionId }],
    ['the person is disabled', { kind: 'user_disabled' as const, userId: 'alice' }],
  ])('pauses and says why when %s', async (_name, entry) => {
    say([command('git status')], [write]);
    host.tools.behaviour = async () => {
      await revoke(entry);
      return { outputText: 'clean' };
    };

    await host.start();
    const paused = await host.event('session_paused');

    expect(paused.payload).toMatchObject({ code: 'PERMISSION_DENIED', waitsFor: 'policy' });
    expect(String(paused.payload['message'])).toContain('Reason: An incident.');
    expect(host.log.filter((line) => line.startsWith('execute '))).toEqual(['execute RunCommand']);
  });

  it('does not care for revocations of others', async () => {
    await revoke({ kind: 'session_revoked', sessionId: 'sess_00000000000000000000000001' });
    await revoke({ kind: 'user_disabled', userId: 'bob' });
    await revoke({ kind: 'key_revoked', kid: 'another-key' });
    say([write]);

    await host.ended(await host.start());

    expect(host.types()).not.toContain('session_paused');
  });

  it('takes up every entry once when the stream breaks off and comes back', async () => {
    host.backend.loseStream(away);
    host.backend.pollFailure = away;
    await settle();
    await revoke({ kind: 'kill_switch_on', policyBundleVersion: 2 }, { policyBundleVersion: 2, killSwitch: true });
    host.backend.streamFailure = undefined;
    host.backend.pollFailure = undefined;
    await host.time.advance(60_000);
    say([request]);

    await host.ended(await host.start());

    expect(completed()).toEqual([{ toolName: 'HttpRequest', status: 'denied', code: 'KILL_SWITCH_ACTIVE' }]);
    expect(host.types().filter((type) => type === 'policy_changed').length).toBeGreaterThan(0);
  });

  it('hears of it by asking where streams do not get through', async () => {
    host.backend.loseStream(away);
    await revoke({ kind: 'kill_switch_on', policyBundleVersion: 2 }, { policyBundleVersion: 2, killSwitch: true });
    await host.time.advance(31_000);
    say([request]);

    await host.ended(await host.start());

    expect(completed()).toEqual([{ toolName: 'HttpRequest', status: 'denied', code: 'KILL_SWITCH_ACTIVE' }]);
  });

  it('reads only and then pauses when it was cut off for longer than the policy allows, and goes on afterwards', async () => {
    host.backend.bundle = { offlineGraceSeconds: 600 };
    await host.close();
    host = new TestHost();
    host.backend.bundle = { offlineGraceSeconds: 600 };
    await host.open();
    await host.time.advance(1);
    say([read, write], [read]);
    let cut = false;
    host.tools.behaviour = async ({ toolName }) => {
      if (cut || toolName !== 'ReadFile') return { outputText: 'ok' };
      cut = true;
      return { outputText: 'ok' };
    };
    host.backend.loseStream(away);
    host.backend.pollFailure = away;
    await host.time.advance(601_000);

    const taskId = await host.start();
    const paused = await host.event('session_paused');
    const state = host.events.findLast(({ eventType }) => eventType === 'policy_changed');
    host.backend.streamFailure = undefined;
    host.backend.pollFailure = undefined;
    await host.time.advance(60_000);
    await host.peer.request('ResumeSession', { sessionId: testSessionId } as never);
    await host.ended(taskId);

    expect(paused.payload).toMatchObject({ code: 'POLICY_EXPIRED', waitsFor: 'policy' });
    expect(state!.payload['policy']).toMatchObject({ state: 'grace' });
    expect(completed().map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });
});
