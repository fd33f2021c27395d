import { describe, expect, it } from '@jest/globals';
import { fitLine, isFlat } from '../soak/fit-line.mjs';

const noisy = (slope: number): [number, number][] =>
  Array.from({ length: 40 }, (_item, index) => [
    index * 50,
    1e6 + slope * index * 50 + (index % 2 === 0 ? 9_000 : -9_000),
  ]);

describe('the line through the samples of a soak', () => {
  it('is the least-squares line with the interval of its slope', () => {
    const line = fitLine([
      [1, 2],
      [2, 4],
      [3, 5],
      [4, 4],
      [5, 5],
    ]);

    // Slope 6/10; residual variance 2.4/3; standard error √(0.8/10); t of three degrees of freedom 3.182.
    expect(line.slope).toBeCloseTo(0.6, 10);
    expect(line.high - line.slope).toBeCloseTo(3.182 * Math.sqrt(0.08), 10);
    expect(line.slope - line.low).toBeCloseTo(3.182 * Math.sqrt(0.08), 10);
  });

  it.each([
    ['noise around a level', 0, 0, true],
    ['growth below its bound', 900, 1_024, true],
    ['growth above its bound', 3_000, 1_024, false],
    ['any growth where none is allowed', 100, 0, false],
    ['a fall', -3_000, 0, true],
  ])('tells whether it is flat: %s', (_title, slope, bound, flat) => {
    expect(isFlat(fitLine(noisy(slope)), bound)).toBe(flat);
  });

  it('takes memory that is given back late for noise, and finds growth under it when there are enough samples', () => {
    const givenBackLate = (slope: number, count: number): [number, number][] =>
      Array.from({ length: count }, (_item, index) => [
        index * 50,
        1e6 + slope * index * 50 + (index % 40 >= 20 && index % 40 < 28 ? 7e6 : 0),
      ]);

    expect(isFlat(fitLine(givenBackLate(0, 30)), 1_024)).toBe(true);
    expect(isFlat(fitLine(givenBackLate(9_000, 160)), 1_024)).toBe(false);
  });

  it('counts one descriptor per fifty steps as growth, and none as flat', () => {
    const steps = Array.from({ length: 30 }, (_item, index) => index);

    expect(isFlat(fitLine(steps.map((index) => [index * 50, 20 + index])), 0)).toBe(false);
    expect(isFlat(fitLine(steps.map((index) => [index * 50, 20])), 0)).toBe(true);
  });

  it('asks for more samples where there are too few', () => {
    expect(() => fitLine([[1, 1]])).toThrow('Run more steps');
  });
});
