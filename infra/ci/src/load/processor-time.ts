import { readFile } from 'node:fs/promises';
import { told } from './report.ts';
import type { Finding } from './report.ts';

/** What all processors of the machine did since it started, in ticks of its kernel. */
export interface ProcessorTime {
  readonly all: number;
  readonly idle: number;
  /** What this machine would have run in, had its host not given the time to others. */
  readonly stolen: number;
}

/**
 * Reads the first line of `/proc/stat` (proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal; the times of
 * guests after them are in user and nice already). Undefined where the text has no such line.
 */
export function processorTimeOf(stat: string): ProcessorTime | undefined {
  const ticks = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').slice(0, 8).map(Number);
  if (ticks?.length !== 8 || !ticks.every(Number.isFinite)) return undefined;
  const [, , , idle = 0, waiting = 0, , , stolen = 0] = ticks;
  return { all: ticks.reduce((sum, value) => sum + value, 0), idle: idle + waiting, stolen };
}

/**
 * How busy the processors were between the samples and how much of them the host kept, each in percent of all time, and the
 * most of it between two neighbours. Undefined of fewer than two samples, or when no time passed.
 */
export function processorShares(samples: readonly ProcessorTime[]): string | undefined {
  const spans = samples
    .slice(1)
    .map((later, at) => between(samples[at]!, later))
    .filter(({ all }) => all > 0);
  if (spans.length === 0) return undefined;
  const whole = between(samples[0]!, samples.at(-1)!);
  const busy = ({ all, idle, stolen }: ProcessorTime): number => (100 * (all - idle - stolen)) / all;
  const stolen = (span: ProcessorTime): number => (100 * span.stolen) / span.all;
  const say = (share: (span: ProcessorTime) => number): string =>
    `${share(whole).toFixed(1)} % (at most ${Math.max(...spans.map(share)).toFixed(1)} %)`;
  return `busy ${say(busy)}, stolen ${say(stolen)}`;
}

function between(earlier: ProcessorTime, later: ProcessorTime): ProcessorTime {
  return {
    all: later.all - earlier.all,
    idle: later.idle - earlier.idle,
    stolen: later.stolen - earlier.stolen,
  };
}

const everyMs = 10_000;

/**
 * Measures a part, and tells after its figures what the processors did meanwhile, read every ten seconds: a missed aim on a
 * machine whose host took its time says little about the services. Nothing is told where the system has no `/proc/stat`.
 */
export async function withProcessorTime(part: string, measure: () => Promise<Finding[]>): Promise<Finding[]> {
  const samples: ProcessorTime[] = [];
  const sample = async (): Promise<void> => {
    const time = processorTimeOf(await readFile('/proc/stat', 'utf8').catch(() => ''));
    if (time !== undefined) samples.push(time);
  };
  await sample();
  const timer = setInterval(() => void sample(), everyMs);
  try {
    const findings = await measure();
    await sample();
    const shares = processorShares(samples);
    return shares === undefined ? findings : [...findings, told(`  processors during ${part}`, shares)];
  } finally {
    clearInterval(timer);
  }
}
