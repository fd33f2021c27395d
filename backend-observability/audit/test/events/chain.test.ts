import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findBreak, noEventBefore } from '../../src/events/chain.ts';
import { sentEvent, storedEvents } from '../fixtures.ts';

const chainOf = (length: number) =>
  storedEvents(
    Array.from({ length }, (_, n) => sentEvent({ workspaceId: 'ws_00000000000000000000000001', payload: { n } })),
  ).map(({ event }) => event);

describe('the chain of hashes', () => {
  it('starts from a known value and links every event to the one before it', () => {
    const [first, second] = chainOf(2);

    expect(first?.prevHash).toBe(noEventBefore);
    expect(second?.prevHash).toBe(first?.hash);
    expect(second?.hash).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('holds from any event on', () => {
    const events = chainOf(5);

    expect(findBreak(events)).toBeUndefined();
    expect(findBreak(events.slice(2))).toBeUndefined();
    expect(findBreak([])).toBeUndefined();
  });

  it('shows where an event was changed, left out or moved', () => {
    const events = chainOf(6);
    fc.assert(
      fc.property(fc.nat({ max: 5 }), fc.constantFrom('change', 'drop', 'swap'), (index, kind) => {
        const tampered = structuredClone(events);
        if (kind === 'change') Object.assign(tampered[index] ?? {}, { payload: { n: -1 } });
        else if (kind === 'drop') {
          // Leaving out the first or last of a part shows only against the events around it.
          if (index === 0 || index === 5) return;
          tampered.splice(index, 1);
        } else {
          if (index === 5) return;
          tampered.splice(index, 2, ...tampered.slice(index, index + 2).reverse());
        }
        expect(findBreak(tampered)).toBeDefined();
      }),
    );
  });
});
