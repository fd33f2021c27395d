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

  /** A shedder with its readings of the gauge and its time in hand. */
  function shedderAt(reading: { delayMs: number }) {
    let nowMs = 0;
    const gauge = { read: () => reading.delayMs, close: () => undefined };
    const shedder = new LoadShedder({ limits, gauge, nowMs: () => nowMs });
    let inside: (() => void)[] = [];
    const parts = {
      shedder,
      pass: (ms: number): void => {
        nowMs += ms;
      },
      /** Takes as many as it can; they stay inside. Returns how many are inside then. */
      fill: (): number => {
        for (let leave = shedder.enter(); leave !== undefined; leave = shedder.enter()) inside.push(leave);
        return shedder.inFlight;
      },
      leaveAll: (): void => {
        for (const leave of inside) leave();
        inside = [];
      },
      /** Readings of a late loop with all inside, until no fewer are taken; leaves nobody inside. */
      becomeFewest: (): void => {
        const { delayMs } = reading;
        reading.delayMs = limits.loopDelayMs + 1;
        for (let times = 0; times < 6; times += 1) {
          parts.fill();
          parts.pass(100);
          shedder.enter();
          parts.leaveAll();
        }
        reading.delayMs = delayMs;
      },
    };
    return parts;
  }

  it('become three tenths fewer with every reading of a late loop while they are inside, but never less than a quarter', () => {
    const { fill, leaveAll, pass } = shedderAt({ delayMs: 30 });

    const taken = Array.from({ length: 7 }, () => {
      const inside = fill();
      pass(100);
      fill();
      leaveAll();
      return inside;
    });

    expect(taken).toEqual([64, 45, 32, 22, 16, 16, 16]);
  });

  it('stay as many while the loop is late with no more than a quarter of them inside', () => {
    const { fill, pass, shedder } = shedderAt({ delayMs: 30 });
    for (let one = 0; one < 15; one += 1) shedder.enter();
    pass(100);

    const inside = fill();

    expect(inside).toBe(64);
  });

  it('grow by a sixteenth for each tenth of a second in time', () => {
    const { becomeFewest, fill, pass } = shedderAt({ delayMs: 25 });
    becomeFewest();

    const taken = Array.from({ length: 14 }, () => {
      pass(100);
      return fill();
    });

    expect([taken[0], taken[1], taken[11], taken[13]]).toEqual([20, 24, 64, 64]);
  });

  it('grow while nobody asks', () => {
    const { becomeFewest, fill, pass } = shedderAt({ delayMs: 0 });
    becomeFewest();
    pass(1000);

    const inside = fill();

    expect(inside).toBe(56);
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
