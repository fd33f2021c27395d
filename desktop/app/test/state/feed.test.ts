import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emptyFeed, hasGap, receive, skipGap, wentBack } from '../../src/state/feed.ts';
import { wholeTask } from './events.ts';

const events = wholeTask();
const whole = receive(emptyFeed, events);

describe('receive', () => {
  it('gives the same state however the events are cut, repeated and shuffled', () => {
    const batches = fc.array(fc.shuffledSubarray(events), { maxLength: 6 });
    fc.assert(
      fc.property(batches, (given) => {
        const fed = given.reduce(receive, emptyFeed);

        expect(receive(fed, events)).toEqual(whole);
      }),
    );
  });

  it('never goes past a missing event', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(events), (given) => {
        const fed = receive(emptyFeed, given);

        const known = new Set(given.map((event) => event.seq));
        const contiguous = events.findIndex((event) => !known.has(event.seq));
        expect(fed.thread.lastSeq).toBe(contiguous < 0 ? events.length : contiguous);
        expect(hasGap(fed)).toBe(given.some((event) => event.seq > fed.thread.lastSeq));
      }),
    );
  });

  it('passes a malformed payload and shows the rest', () => {
    const broken = events.map((event) =>
      event.eventType === 'approval_requested' ? { ...event, payload: {} } : event,
    );

    const fed = receive(emptyFeed, broken);

    expect(fed.thread.lastSeq).toBe(events.length);
    expect(fed.thread.items.at(-1)).toMatchObject({ kind: 'end', outcome: 'completed' });
  });
});

describe('skipGap', () => {
  it('says the gap and goes on with the events that wait behind it', () => {
    const fed = receive(emptyFeed, [...events.slice(0, 3), ...events.slice(7)]);

    const skipped = skipGap(fed, 8, '2026-11-21T09:00:00.000Z');

    expect(skipped.thread.lastSeq).toBe(events.length);
    expect(skipped.thread.items.map((item) => item.kind)).toEqual([
      'user',
      'notice',
      'assistant',
      'tool',
      'tool',
      'end',
    ]);
  });

  it('changes nothing when that sequence has been reached', () => {
    expect(skipGap(whole, 8, '2026-11-21T09:00:00.000Z')).toBe(whole);
  });
});

describe('wentBack', () => {
  it('sees that another event stands where the last one was', () => {
    const last = events.at(-1)!;

    expect(wentBack(whole, { events: [last], lastSeq: last.seq })).toBe(false);
    expect(wentBack(whole, { events: [{ ...last, eventId: 'evt_other' }], lastSeq: last.seq })).toBe(true);
  });

  it('sees that the session ends before what was taken in', () => {
    expect(wentBack(whole, { events: [], lastSeq: 4 })).toBe(true);
    expect(wentBack(emptyFeed, { events: [], lastSeq: 0 })).toBe(false);
  });
});
