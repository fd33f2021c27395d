import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { runEvery } from '../../src/index.ts';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

it('runs after each pause, never twice at once, and stops after the run in progress', async () => {
  const finish: (() => void)[] = [];
  const stop = runEvery(10, () => new Promise((resolve) => finish.push(resolve)));

  await jest.advanceTimersByTimeAsync(35_000);
  expect(finish).toHaveLength(1);
  finish[0]?.();
  await jest.advanceTimersByTimeAsync(10_000);
  expect(finish).toHaveLength(2);

  let stopped = false;
  const stopping = stop().then(() => {
    stopped = true;
  });
  await jest.advanceTimersByTimeAsync(60_000);
  expect(stopped).toBe(false);
  finish[1]?.();
  await stopping;
  await jest.advanceTimersByTimeAsync(60_000);
  expect(finish).toHaveLength(2);
});
