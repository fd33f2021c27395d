import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ServiceUnreachableError, StewardError } from '@steward/sdk';
import type { PendingApproval, SessionEvent } from '@steward/contracts';
import { ModelError } from '../../src/model/model-error.ts';
import { sessionPaths } from '../../src/session/session-paths.ts';
import { settle } from '../support/manual-time.ts';
import { TestHost, callsOf, testSessionId } from '../support/test-host.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  await host.open();
});
afterEach(() => host.close());

const paused = (): SessionEvent[] => host.events.filter(({ eventType }) => eventType === 'session_paused');
const unreachable = (): Error => new ServiceUnreachableError('The service cannot be reached.');

/** A gateway that is down until `up` is called. */
function gatewayDown(): { up(): void; readonly asked: () => number } {
  let isUp = false;
  let asked = 0;
  host.model.next = () => {
    if (!isUp)
      throw new ModelError('try_again', 'The model gateway answered with status 503: no reason given', { status: 503 });
    return { text: 'Done.', toolCalls: [], finishReason: 'stop' };
  };
  host.model.listModels = () => {
    asked += 1;
    return isUp ? Promise.resolve(['scripted-model']) : Promise.reject(new ModelError('try_again', 'down'));
  };
  return { up: () => (isUp = true), asked: () => asked };
}

/** A session whose bundle has an hour, started while the services are gone. */
async function expire(failure: Error): Promise<string> {
  await host.close();
  host = new TestHost();
  const now = host.time.now().getTime();
  host.backend.bundle = { expiresAt: new Date(now + hourMs).toISOString(), offlineGraceSeconds: 0 };
  await host.open();
  host.backend.failure = failure;
  await host.time.advance(hourMs + 1_000);
  const taskId = await host.start();
  await host.event('session_paused');
  return taskId;
}

function renewPolicy(): void {
  host.backend.failure = undefined;
  host.backend.bundle = { offlineGraceSeconds: 0 };
}

describe('a paused session', () => {
  it('goes on by itself once the gateway answers, and asks it less and less often until then', async () => {
    const gateway = gatewayDown();
    const taskId = await host.start();
    await host.time.advance(10_000);
    const wait = paused()[0];
    await host.time.advance(10 * minuteMs);
    const asked = gateway.asked();
    gateway.up();
    await host.time.advance(2 * minuteMs);
    const end = await host.ended(taskId);

    expect(wait?.payload).toMatchObject({ waitsFor: 'gateway' });
    expect(asked).toBeGreaterThan(8);
    expect(asked).toBeLessThan(20);
    expect(paused()).toHaveLength(1);
    expect(host.types().filter((type) => type === 'session_resumed')).toHaveLength(1);
    expect(end.eventType).toBe('task_completed');
  });

  it('waits longer each time when a gateway lists its models but answers no request', async () => {
    gatewayDown();
    host.model.listModels = () => Promise.resolve(['scripted-model']);
    await host.start();

    await host.time.advance(hourMs);

    expect(paused().length).toBeGreaterThan(20);
    expect(paused().length).toBeLessThan(90);
  });

  it('waits for a person when the gateway refuses its token', async () => {
    let asked = 0;
    host.model.listModels = () => Promise.resolve([`${(asked += 1)}`]);
    host.model.next = () => {
      throw new ModelError('refused', 'The model gateway does not accept the token.', { status: 401 });
    };
    const taskId = await host.start();
    await host.event('session_paused');

    await host.time.advance(hourMs);
    const before = asked;
    host.model.next = () => ({ text: 'Done.', toolCalls: [], finishReason: 'stop' });
    await host.peer.request('ResumeSession', { sessionId: testSessionId });
    const end = await host.ended(taskId);

    expect(before).toBe(0);
    expect(paused()).toHaveLength(1);
    expect(end.eventType).toBe('task_completed');
  });

  it('stops waiting when its task is cancelled', async () => {
    const gateway = gatewayDown();
    const taskId = await host.start();
    await host.time.advance(10_000);

    await host.peer.request('CancelTask', { sessionId: testSessionId });
    await host.ended(taskId);
    const asked = gateway.asked();
    await host.time.advance(hourMs);

    expect(paused()).toHaveLength(1);
    expect(gateway.asked()).toBe(asked);
  });

  it('says that it waits for the services when an expired policy cannot be renewed for want of them', async () => {
    const taskId = await expire(unreachable());
    renewPolicy();
    await host.time.advance(2 * minuteMs);
    const end = await host.ended(taskId);

    expect(paused().map(({ payload }) => payload['waitsFor'])).toEqual(['services']);
    expect(end.eventType).toBe('task_completed');
  });

  it('says that it waits for a sign-in when that is refused, and goes on with fresh credentials at once', async () => {
    const taskId = await expire(new StewardError('UNAUTHORIZED', 'The access token is not accepted.'));
    renewPolicy();
    await host.peer.request('SetCredentials', { accessToken: 'fresh' });
    const end = await host.ended(taskId);

    expect(paused().map(({ payload }) => payload['waitsFor'])).toEqual(['sign_in']);
    expect(end.eventType).toBe('task_completed');
  });

  it('goes on by one click with a fresh policy', async () => {
    const taskId = await expire(unreachable());
    renewPolicy();
    await host.peer.request('ResumeSession', { sessionId: testSessionId });
    const end = await host.ended(taskId);

    expect(end.eventType).toBe('task_completed');
  });

  it('says that the clock is wrong when even a fresh policy has expired by it', async () => {
    const taskId = await expire(new StewardError('POLICY_EXPIRED', 'The policy for this conversation expired.'));
    renewPolicy();
    await host.time.advance(2 * minuteMs);
    const end = await host.ended(taskId);

    expect(paused()[0]?.payload).toMatchObject({ waitsFor: 'policy', message: expect.stringMatching(/Set the clock/) });
    expect(end.eventType).toBe('task_completed');
  });

  it('looks at once when the machine wakes, whichever of its clocks ran on', async () => {
    const gateway = gatewayDown();
    const taskId = await host.start();
    await host.time.advance(20 * minuteMs);
    const asked = gateway.asked();

    host.time.leap(8 * hourMs);
    gateway.up();
    await host.time.advance(15_000);
    const end = await host.ended(taskId);

    expect(gateway.asked()).toBe(asked + 1);
    expect(end.eventType).toBe('task_completed');
  });
});

describe('a clock that is set back', () => {
  it('gives an expired policy no new life', async () => {
    await host.close();
    host = new TestHost();
    const now = host.time.now().getTime();
    host.backend.bundle = { expiresAt: new Date(now + hourMs).toISOString(), offlineGraceSeconds: 0 };
    await host.open();
    host.backend.failure = unreachable();
    await host.time.advance(hourMs + 1_000);

    host.time.leap(-2 * hourMs);
    await host.start();
    await host.event('session_paused');

    expect(host.model.bodies).toHaveLength(0);
    expect(paused()[0]?.payload).toMatchObject({ code: 'POLICY_EXPIRED' });
  });
});

describe('the five minutes of a person', () => {
  const requests = (from: TestHost): PendingApproval[] =>
    from.events
      .filter(({ eventType }) => eventType === 'approval_requested')
      .map(({ payload }) => payload['approval'] as PendingApproval);

  async function ask(): Promise<string> {
    host.model.next = (index) =>
      index === 0
        ? callsOf({ name: 'RunCommand', arguments: { command: 'npm test' } })
        : { text: 'Done.', toolCalls: [], finishReason: 'stop' };
    const taskId = await host.start();
    await host.event('approval_requested');
    return taskId;
  }

  it.each([
    ['slept for hours', 8 * hourMs],
    ['had its clock set forwards', 10 * minuteMs],
    ['had its clock set back', -8 * hourMs],
  ])('are the same after the machine %s, and the new end is said', async (_what, leapMs) => {
    const taskId = await ask();
    await host.time.advance(2 * minuteMs);

    host.time.leap(leapMs);
    await host.time.advance(minuteMs);
    const announced = requests(host);
    await host.time.advance(2 * minuteMs - 1);
    const before = host.types().includes('approval_timeout');
    await host.time.advance(15_000);
    await host.ended(taskId);

    expect(announced).toHaveLength(2);
    expect(announced[1]).toEqual({ ...announced[0], expiresAt: announced[1]!.expiresAt });
    expect(Date.parse(announced[1]!.expiresAt) - Date.parse(announced[0]!.expiresAt)).toBe(leapMs);
    expect(before).toBe(false);
    expect(host.types()).toContain('approval_timeout');
  });

  it('are not used up by a sleep during which the monotonic clock ran on', async () => {
    await ask();

    await host.time.oversleep(8 * hourMs);
    await host.time.advance(4 * minuteMs);
    const before = host.types().includes('approval_timeout');
    await host.time.advance(minuteMs);

    expect(before).toBe(false);
    expect(host.types()).toContain('approval_timeout');
  });

  it('go on after a restart with what was left of them, however long nothing ran', async () => {
    await ask();
    await host.time.advance(4 * minuteMs);
    const { files, home, time } = host;
    await host.server.stop();
    await time.advance(2 * hourMs);
    // The journal itself is in memory; that there is one is looked up on the disk.
    writeFileSync(sessionPaths(home, testSessionId).journal, '');
    const next = new TestHost({ files, home, time });
    host = next;

    await next.greet();
    await next.peer.request('ResumeSession', { sessionId: testSessionId });
    await settle();
    const [request] = requests(next);
    await time.advance(minuteMs - 1);
    const before = next.types().includes('approval_timeout');
    await time.advance(1);

    expect(Date.parse(request!.expiresAt) - time.now().getTime()).toBe(0);
    expect(before).toBe(false);
    expect(next.types()).toContain('approval_timeout');
  });
});
