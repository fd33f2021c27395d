import type { Simulation } from '@steward/contracts';
import type { ActionBatch, RecordedGroup } from './action-source.ts';
import { laneOf } from './lane-of.ts';

/** What is new about how far a replay is; no number is ever less than one that was told before. */
export type NoteProgress = (progress: Partial<Simulation['progress']>) => void;

/** Takes up actions; resolves when it is done with them. */
export type Lane = (groups: RecordedGroup[]) => Promise<void>;

/** Shares that wait before a lane beside the one that it works on. */
const waitingPerLane = 1;

/**
 * Hands recorded actions out to lanes, equal ones always to the same. The next batch is read while lanes work on this
 * one; no more is read than they take, so that what waits in memory stays bounded. Resolves when all lanes are done with
 * everything; rejects when the reading or a lane fails.
 */
export async function handOut(
  batches: AsyncIterable<ActionBatch>,
  lanes: readonly Lane[],
  note: NoteProgress,
): Promise<void> {
  const taken = lanes.map((): Promise<void>[] => []);
  let read = 0;
  let furthest = 0;
  for await (const { items, fraction = 0 } of batches) {
    const shares = lanes.map((): RecordedGroup[] => []);
    for (const group of items) {
      read += group.count;
      shares[laneOf(group.content, lanes.length)]!.push(group);
    }
    furthest = Math.max(furthest, fraction);
    await Promise.all(taken.map(async (waiting) => waiting.length > waitingPerLane && (await waiting.shift())));
    note({ read, fraction: furthest });
    for (const [index, share] of shares.entries()) {
      if (share.length === 0) continue;
      const done = lanes[index]!(share);
      // Heard when it is waited for.
      done.catch(() => undefined);
      taken[index]!.push(done);
    }
  }
  await Promise.all(taken.flat());
}
