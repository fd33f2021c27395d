import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ServiceUnreachableError, StewardError } from '@steward/sdk';
import { TestHost, testSessionId } from '../support/test-host.ts';

const lost = (): StewardError => new StewardError('LEASE_LOST', 'This conversation is open on laptop.');

describe('the lease of a running session', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = new TestHost();
    await host.open();
  });
  afterEach(() => host.close());

  it('is renewed while the session lasts and given up when its runtime stops', async () => {
    await host.time.advance(91_000);
    const renewed = [...host.backend.leases];
    await host.server.stop();

    expect(renewed).toHaveLength(3);
    expect(new Set(renewed.map(({ instanceId }) => instanceId)).size).toBe(1);
    expect(host.backend.leases.slice(3)).toEqual([{ ...renewed[0], released: true }]);
  });

  it('pauses the session when another runtime has it, and a click goes on once that one gave it up', async () => {
    host.backend.leaseFailure = lost();
    await host.time.advance(30_000);
    const taskId = await host.start();
    const paused = await host.event('session_paused');
    await host.time.advance(600_000);
    const asked = host.model.bodies.length;
    host.backend.leaseFailure = undefined;
    await host.peer.request('ResumeSession', { sessionId: testSessionId });
    const end = await host.ended(taskId);

    expect(paused.payload).toMatchObject({ code: 'LEASE_LOST', message: 'This conversation is open on laptop.' });
    expect(asked).toBe(0);
    expect(end.eventType).toBe('task_completed');
  });

  it('is asked for before the next step when the machine slept longer than it lasts', async () => {
    host.backend.leaseFailure = lost();
    host.time.leap(3_600_000);

    await host.start();
    const paused = await host.event('session_paused');

    expect(paused.payload).toMatchObject({ code: 'LEASE_LOST' });
    expect(host.model.bodies).toHaveLength(0);
  });

  it('stops nothing when the service cannot be reached', async () => {
    host.backend.leaseFailure = new ServiceUnreachableError('away');
    await host.time.advance(600_000);

    const end = await host.ended(await host.start());

    expect(end.eventType).toBe('task_completed');
  });
});
