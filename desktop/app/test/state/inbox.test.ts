import { describe, expect, it } from '@jest/globals';
import type { Conversation, HostSnapshot } from '@steward/desktop-host/contract';
import { approvalsToAsk, inboxCount, inboxOf } from '../../src/state/selectors.ts';
import { emptyThread } from '../../src/state/thread.ts';
import { approvalFor } from './events.ts';

type Part = Pick<Conversation, 'sessionId' | 'runtime' | 'pendingApprovals'>;

/** A snapshot of conversations of which the inbox reads no more than this. */
function snapshotOf(...conversations: Part[]): HostSnapshot {
  return { conversations } as unknown as HostSnapshot;
}

const alive: Part = { sessionId: 'sess_alive', runtime: 'running', pendingApprovals: 1 };
const dead: Part = { sessionId: 'sess_dead', runtime: 'crashed', pendingApprovals: 1 };
const first = { ...approvalFor('tc_1'), createdAt: '2026-11-21T08:00:00.000Z' };
const second = { ...approvalFor('tc_2'), createdAt: '2026-11-21T08:01:00.000Z' };
const nobody = (): boolean => false;

describe('the inbox', () => {
  it('counts what it lists: an approval that only a runtime which is gone could tell is in neither', () => {
    const state = { snapshot: snapshotOf(dead, alive), threads: {}, remoteApprovals: { sess_alive: [second] } };

    const entries = inboxOf(state);

    expect(entries).toEqual([{ conversation: alive, approval: second }]);
    expect(inboxCount(state)).toBe(1);
  });

  it('lists and counts the approval of a runtime that is gone when its thread is open', () => {
    const thread = { ...emptyThread, approvals: [first] };
    const state = {
      snapshot: snapshotOf(alive, dead),
      threads: { sess_dead: thread },
      remoteApprovals: { sess_alive: [second] },
    };

    const entries = inboxOf(state);

    expect(entries).toEqual([
      { conversation: dead, approval: first },
      { conversation: alive, approval: second },
    ]);
    expect(inboxCount(state)).toBe(2);
  });

  it('forgets what was told before when the conversation waits for nothing any more', () => {
    const over = { ...alive, pendingApprovals: 0 };
    const state = { snapshot: snapshotOf(over), threads: {}, remoteApprovals: { sess_alive: [second] } };

    expect([inboxOf(state), inboxCount(state)]).toEqual([[], 0]);
  });
});

describe('which runtimes are asked for their approvals', () => {
  it('those whose number changed', () => {
    const before = snapshotOf(alive, { ...dead, pendingApprovals: 0 });

    expect(approvalsToAsk(before, snapshotOf(alive, dead), nobody)).toEqual(['sess_dead']);
    expect(approvalsToAsk(null, snapshotOf(alive, dead), nobody)).toEqual(['sess_alive', 'sess_dead']);
  });

  it('one that runs again and still waits, since it could not tell before', () => {
    const back: Part = { ...dead, runtime: 'running' };

    expect(approvalsToAsk(snapshotOf(alive, dead), snapshotOf(alive, back), nobody)).toEqual(['sess_dead']);
    expect(approvalsToAsk(snapshotOf(alive, back), snapshotOf(alive, back), nobody)).toEqual([]);
  });

  it('none whose thread is open', () => {
    expect(approvalsToAsk(null, snapshotOf(alive, dead), (id) => id === 'sess_alive')).toEqual(['sess_dead']);
  });
});
