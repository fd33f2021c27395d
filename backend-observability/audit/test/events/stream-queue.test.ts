import { expect, it } from '@jest/globals';
import { StreamQueue } from '../../src/events/stream-queue.ts';

it('runs work on one stream in its order, one at a time, also after a failure', async () => {
  const queue = new StreamQueue();
  const log: string[] = [];
  const work =
    (name: string, fails = false) =>
    async (): Promise<string> => {
      log.push(`${name} begins`);
      await Promise.resolve();
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };

  const results = await Promise.allSettled([
    queue.run('a', work('1')),
    queue.run('a', work('2', true)),
    queue.run('a', work('3')),
  ]);

  expect(log).toEqual(['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends']);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

it('does not make one stream wait for another', async () => {
  const queue = new StreamQueue();
  let release = (): void => {};
  const held = queue.run('a', () => new Promise<void>((resolve) => (release = resolve)));

  await expect(queue.run('b', async () => 'done')).resolves.toBe('done');

  release();
  await held;
});
