import { describe, expect, it } from '@jest/globals';
import type { ActionBatch, RecordedGroup } from '../../src/simulations/action-source.ts';
import { handOut } from '../../src/simulations/hand-out.ts';
import type { Lane } from '../../src/simulations/hand-out.ts';
import { laneOf } from '../../src/simulations/lane-of.ts';
import { recordedCommand } from '../support/recorded-actions.ts';

const commands = (count: number): RecordedGroup[] =>
  Array.from({ length: count }, (_, n) => recordedCommand(n, `git log -n ${n}`, 'allow'));

async function* inBatchesOf(size: number, groups: readonly RecordedGroup[]): AsyncGenerator<ActionBatch> {
  for (let start = 0; start < groups.length; start += size)
    yield { items: groups.slice(start, start + size), fraction: (start + size) / groups.length };
}

/** Resolves when everything that can go on without the outside has gone on. */
const atRest = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('handing out recorded actions', () => {
  it('gives each action to one lane, equal ones to the same, and every lane its share', async () => {
    const groups = [...commands(300), ...commands(300)];
    const given: string[][] = [[], [], []];
    const lanes = given.map(
      (texts): Lane =>
        async (share) =>
          void texts.push(...share.map(({ content }) => content)),
    );

    await handOut(inBatchesOf(50, groups), lanes, () => undefined);

    expect(given.flat().sort()).toEqual(groups.map(({ content }) => content).sort());
    expect(new Set(given.flatMap((texts) => [...new Set(texts)])).size).toBe(300);
    expect(given.flatMap((texts) => [...new Set(texts)])).toHaveLength(300);
    expect(Math.min(...given.map((texts) => texts.length))).toBeGreaterThan(120);
  });

  it('reads no further than lanes take', async () => {
    let pulled = 0;
    const source = async function* (): AsyncGenerator<ActionBatch> {
      for await (const batch of inBatchesOf(1, commands(100))) {
        pulled += 1;
        yield batch;
      }
    };
    const waiting: (() => void)[] = [];
    const stuck: Lane = () => new Promise((resolve) => void waiting.push(resolve));

    const handedOut = handOut(source(), [stuck], () => undefined);
    await atRest();
    const before = { pulled, given: waiting.length };
    waiting[0]!();
    await atRest();
    const after = { pulled, given: waiting.length };

    // One is worked on, one waits before the lane, and one is read.
    expect([before, after]).toEqual([
      { pulled: 3, given: 2 },
      { pulled: 4, given: 3 },
    ]);
    for (let done = 1; done < 100; done += 1) {
      while (waiting[done] === undefined) await atRest();
      waiting[done]!();
    }
    await handedOut;
  });

  it('tells progress that never goes back', async () => {
    const told: unknown[] = [];
    const batches = async function* (): AsyncGenerator<ActionBatch> {
      yield { items: commands(2), fraction: 0.5 };
      yield { items: commands(1), fraction: 0.25 };
      yield { items: commands(1) };
    };

    await handOut(batches(), [async () => undefined], (progress) => told.push(progress));

    expect(told).toEqual([
      { read: 2, fraction: 0.5 },
      { read: 3, fraction: 0.5 },
      { read: 4, fraction: 0.5 },
    ]);
  });

  it('fails when the reading fails and when a lane fails', async () => {
    const broken = async function* (): AsyncGenerator<ActionBatch> {
      yield { items: commands(1) };
      throw new Error('not readable');
    };
    const failing: Lane = () => Promise.reject(new Error('lane failed'));

    const reading = handOut(broken(), [async () => undefined], () => undefined);
    const working = handOut(inBatchesOf(1, commands(5)), [failing], () => undefined);

    await expect(reading).rejects.toThrow('not readable');
    await expect(working).rejects.toThrow('lane failed');
  });
});

describe('the lane of a text', () => {
  it('is the same for equal texts, within range, also for long and for empty ones', () => {
    for (const text of ['', 'a', 'grüezi', 'x'.repeat(100_000)])
      for (const lanes of [1, 2, 3, 4]) {
        expect(laneOf(text, lanes)).toBe(laneOf(`${text}`, lanes));
        expect([...Array(lanes).keys()]).toContain(laneOf(text, lanes));
      }
  });
});
