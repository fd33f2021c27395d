import { expect, it } from '@jest/globals';
import { StreamQueue } from '../../src/events/stream-queue.ts';

function prepare() {
  const log: string[][] = [];
  const releases: (() => void)[] = [];
  const queue = new StreamQueue<string>(async (items) => {
    log.push([...items]);
    await new Promise<void>((resolve) => releases.push(resolve));
  });
  const release = async (): Promise<void> => {
    releases.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, log, release };
}

it('hands on what arrived meanwhile together, in its order, and never to two workers', async () => {
  const { queue, log, release } = prepare();

  for (const item of ['1', '2', '3']) queue.add('a', item);
  await release();
  queue.add('a', '4');
  await release();
  await release();
  queue.add('a', '5');

  expect(log).toEqual([['1'], ['2', '3'], ['4'], ['5']]);
});

it('does not make one stream wait for another', () => {
  const { queue, log } = prepare();

  queue.add('a', '1');
  queue.add('b', '2');

  expect(log).toEqual([['1'], ['2']]);
});
