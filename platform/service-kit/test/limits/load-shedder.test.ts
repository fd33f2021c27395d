import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { LoadShedder, createDelayGauge } from '../../src/limits/load-shedder.ts';

/** Keeps the event loop for that long, then lets it turn once. */
async function keepLoop(ms: number): Promise<void> {
  const ends = performance.now() + ms;
  while (performance.now() < ends);
  await setImmediate();
}

describe('the gauge of an event loop', () => {
  it('sees a loop whose every turn takes longer than the readings are apart', async () => {
    const gauge = createDelayGauge();
    await keepLoop(60);
    gauge.read();

    const readings: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      await keepLoop(150);
      readings.push(gauge.read());
    }
    gauge.close();

    expect(Math.min(...readings)).toBeGreaterThan(100);
  });

  it('takes a reading before the next look from how late that look is', () => {
    let nowMs = 0;
    const gauge = createDelayGauge(() => nowMs);

    const inTime = gauge.read();
    nowMs = 320;
    const late = gauge.read();
    gauge.close();

    expect([inTime, late]).toEqual([0, 300]);
  });
});

describe('the requests that a process takes at once', () => {
  const limits = { requestsAtOnce: 64, loopDelayMs: 25 };

  /** A shedder with its next reading of the gauge in hand. */
  function shedderAt(reading: { delayMs: number }) {
    let nowMs = 0;
    const gauge = { read: () => reading.delayMs, close: () => undefined };
    const shedder = new LoadShedder({ limits, gauge, nowMs: () => nowMs });
    let inside: (() => void)[] = [];
    return {
      shedder,
      leaveAll: () => {
        for (const leave of inside) leave();
        inside = [];
      },
      /** Takes as many as it can after the next reading; they stay inside. Returns how many are inside then. */
      fill: (): number => {
        nowMs += 100;
        for (let leave = shedder.enter(); leave !== undefined; leave = shedder.enter()) inside.push(leave);
        return shedder.inFlight;
      },
    };
  }

  it('become fewer with every reading of a late loop, but never less than a quarter', () => {
    const reading = { delayMs: 0 };
    const { fill, leaveAll } = shedderAt(reading);
    const inTime = fill();
    reading.delayMs = 30;

    const late = Array.from({ length: 6 }, () => {
      const stillInside = fill();
      leaveAll();
      return [stillInside, fill()];
    });

    expect(inTime).toBe(64);
    expect(late[0]).toEqual([64, 16]);
    expect(late.at(-1)).toEqual([16, 16]);
  });

  it('lose three tenths at a time while they are inside', () => {
    const reading = { delayMs: 0 };
    const { fill, leaveAll, shedder } = shedderAt(reading);
    fill();
    reading.delayMs = 30;
    fill();
    reading.delayMs = 25;
    leaveAll();

    const next = fill();

    expect([next, shedder.inFlight]).toEqual([49, 49]);
  });

  it('grow slowly again once the loop is in time', () => {
    const reading = { delayMs: 500 };
    const { fill } = shedderAt(reading);
    fill();
    reading.delayMs = 0;

    const taken = Array.from({ length: 14 }, () => fill());

    expect([taken[0], taken[1], taken[11], taken[13]]).toEqual([20, 24, 64, 64]);
  });

  it('leave once, however often they say so', () => {
    const { shedder } = shedderAt({ delayMs: 0 });
    const leave = shedder.enter();
    shedder.enter();

    leave?.();
    leave?.();

    expect(shedder.inFlight).toBe(1);
  });
});
