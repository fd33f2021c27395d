import { describe, expect, it } from '@jest/globals';
import { processorShares, processorTimeOf, withProcessorTime } from '../../src/load/processor-time.ts';
import { judged } from '../../src/load/report.ts';

describe('the time of the processors', () => {
  it('is the sum of what the kernel counts, in which the time of guests is already', () => {
    const stat = 'cpu  100 20 30 400 50 6 7 80 90 10\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 1 2\n';

    expect(processorTimeOf(stat)).toEqual({ all: 693, idle: 450, stolen: 80 });
  });

  it.each([[''], ['cpu0 1 2 3 4 5 6 7 8\n'], ['cpu  1 2 3\n'], ['cpu  1 2 3 4 5 6 7 many\n']])(
    'is unknown of %j',
    (stat) => {
      expect(processorTimeOf(stat)).toBeUndefined();
    },
  );

  it('is told over all samples and of the worst span', () => {
    const samples = [
      { all: 1000, idle: 500, stolen: 100 },
      { all: 2000, idle: 1300, stolen: 110 },
      { all: 3000, idle: 1400, stolen: 610 },
    ];

    expect(processorShares(samples)).toBe('busy 29.5 % (at most 40.0 %), stolen 25.5 % (at most 50.0 %)');
  });

  it('is not told of a single sample, or when no tick passed', () => {
    const sample = { all: 1000, idle: 500, stolen: 100 };

    expect([processorShares([]), processorShares([sample]), processorShares([sample, sample])]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('stands behind the figures of a part where the system counts it, and changes none of them', async () => {
    const figure = judged('ratio', 0.84, { atLeast: 0.8 });

    const findings = await withProcessorTime('ratio', () => busyFor(50, [figure]));

    const told =
      process.platform === 'linux'
        ? [
            {
              name: '  processors during ratio',
              value: expect.stringMatching(/^busy [\d.]+ % .*, stolen [\d.]+ % \(at most [\d.]+ %\)$/),
              passed: true,
            },
          ]
        : [];
    expect(findings).toEqual([figure, ...told]);
  });

  it('hides no failure of a part', async () => {
    const failing = withProcessorTime('ratio', () => Promise.reject(new Error('no engine')));

    await expect(failing).rejects.toThrow('no engine');
  });
});

/** Uses the processor for that long, so that the kernel counts at least a tick (ten milliseconds). */
function busyFor<T>(ms: number, result: T): Promise<T> {
  const ends = performance.now() + ms;
  while (performance.now() < ends);
  return Promise.resolve(result);
}
