import { pick, seededRandom } from '../random.ts';
import { playSession } from './disk-run.ts';
import type { DiskRun } from './disk-run.ts';
import { MemoryDisk } from './memory-disk.ts';
import type { DiskFault } from './memory-disk.ts';

/** What a campaign on disks in memory found. */
export interface DiskCampaignResult {
  /** Operations of a session on a disk that is well; each is met by every kind of fault. */
  readonly operations: number;
  readonly sessions: number;
  readonly faults: number;
  readonly deaths: number;
  readonly pauses: number;
  readonly proved: number;
  readonly failures: readonly DiskFailure[];
}

/** A session that went wrong; its seed plays it again, exactly. */
export interface DiskFailure {
  readonly seed: number;
  readonly operation: number;
  readonly fault: DiskFault;
  readonly problems: readonly string[];
}

const codes = ['ENOSPC', 'EIO', 'EROFS', 'EDQUOT'];
const kinds = 6;
const rounds = 2;

/**
 * Plays scripted sessions on disks in memory, each with a fault at one operation, and with another one after a death.
 * Seeds go through all operations and, for each, through all kinds; a seed alone decides what happens.
 * @param seeds first seed and how many; without a number, every operation meets every kind twice
 */
export async function diskCampaign({ from, count }: { from: number; count?: number }): Promise<DiskCampaignResult> {
  const { operations, problems } = await playSession(new MemoryDisk(), (disk) => disk.restarted());
  if (problems.length > 0) throw new Error(`The session on a disk that is well: ${problems.join(' ')}`);
  const sums = { sessions: 0, faults: 0, deaths: 0, pauses: 0, proved: 0 };
  const failures: DiskFailure[] = [];
  for (let seed = from; seed < from + (count ?? operations * kinds * rounds); seed += 1) {
    const { operation, fault, run } = await playSeed(seed, operations);
    sums.sessions += 1;
    sums.faults += run.met;
    sums.deaths += run.deaths;
    sums.pauses += run.pauses;
    sums.proved += run.proved;
    if (run.problems.length > 0) failures.push({ seed, operation, fault, problems: run.problems });
  }
  return { operations, ...sums, failures };
}

async function playSeed(
  seed: number,
  operations: number,
): Promise<{ operation: number; fault: DiskFault; run: DiskRun }> {
  const random = seededRandom(seed);
  // Neighbours are far apart, so that few seeds are broad.
  const operation = 1 + ((seed * 61) % operations);
  const fault = faultOf(Math.floor(seed / operations), random);
  const run = await playSession(new MemoryDisk(operation, fault), (dead) =>
    random() < 0.5
      ? dead.restarted(1 + Math.floor(random() * 40), faultOf(Math.floor(random() * kinds), random))
      : dead.restarted(),
  );
  return { operation, fault, run };
}

function faultOf(choice: number, random: () => number): DiskFault {
  const share = random() < 0.3 ? 0 : random();
  switch (choice % kinds) {
    case 0:
    case 1:
      return { kind: 'fail', code: pick(codes, random), share };
    case 2:
      return { kind: 'fill', code: pick(codes, random) };
    case 3:
      return { kind: 'kill', share };
    default:
      return { kind: 'power', seed: Math.floor(random() * 2 ** 31), share };
  }
}
