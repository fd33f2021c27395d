import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ServiceUnreachableError, StewardError } from '@steward/sdk';
import { takeOver } from '../../src/session/session-lease.ts';
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

describe('the proof that an earlier holder has ended', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'steward-lease-'));
    mkdirSync(join(home, 'a'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const first = { instanceId: 'one', machineName: 'desk' };
  const second = { instanceId: 'two', machineName: 'desk' };

  it('is given on the same machine in the same folder, whose holder stays the same over every death', () => {
    const file = join(home, 'a', 'holder.json');

    expect(takeOver(file, first)).toEqual(first);
    expect(takeOver(file, second)).toEqual(first);
    expect(takeOver(file, { ...first, instanceId: 'three' })).toEqual(first);
  });

  it('is not given on another machine, in a copied folder, or where the file cannot be read or written', () => {
    takeOver(join(home, 'a', 'holder.json'), first);
    cpSync(join(home, 'a'), join(home, 'b'), { recursive: true });

    expect(takeOver(join(home, 'b', 'holder.json'), second)).toEqual(second);
    expect(takeOver(join(home, 'a', 'holder.json'), { ...second, machineName: 'laptop' })).toEqual({
      ...second,
      machineName: 'laptop',
    });
    expect(takeOver(join(home, 'none', 'holder.json'), second)).toEqual(second);
  });
});
