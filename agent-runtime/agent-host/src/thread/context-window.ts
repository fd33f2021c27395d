import type { ThreadEntry } from './thread-entry.ts';

/** Which messages go to the model: those from `start` on, and the goal when it lies before. */
export interface Window {
  readonly start: number;
  readonly goalIndex?: number;
  readonly estimatedTokens: number;
}

/** The messages that are at hand: entries of those from the number `first` on. */
export interface Held {
  readonly first: number;
  readonly entries: readonly ThreadEntry[];
}

/** The message that says what the task is for, wherever it lies. */
export interface Goal {
  readonly index: number;
  readonly estimatedTokens: number;
}

const markerTokens = 40;
/** A full window is cut to this part of the budget, so that the next steps don't each cut again. */
const refill = 0.7;

/**
 * The newest messages that fit the budget, and the goal. A tool call and its results are one block that is kept or
 * dropped whole; the newest block and the goal are always kept. `extraTokens` are kept free beside them and counted.
 * Undefined when they alone do not fit. Pure.
 */
export function chooseWindow(
  { first, entries }: Held,
  goal: Goal | undefined,
  budget: number,
  extraTokens = 0,
): Window | undefined {
  let start = entries.length;
  let tokens = 2 * markerTokens + extraTokens;
  for (let blockEnd = entries.length; blockEnd > 0;) {
    const blockStart = startOfBlock(entries, blockEnd - 1);
    const block = sum(entries, blockStart, blockEnd);
    const withGoal = goal !== undefined && goal.index < first + blockStart ? goal.estimatedTokens : 0;
    const newest = start === entries.length;
    if (tokens + block + withGoal > (newest ? budget : budget * refill)) {
      if (newest) return undefined;
      break;
    }
    start = blockStart;
    tokens += block;
    blockEnd = blockStart;
  }
  return withGoalBefore({ start: first + start, estimatedTokens: tokens }, goal);
}

/** The window that begins at `start`, chosen earlier; its goal is sent whole when it lies before. Pure. */
export function windowFrom({ first, entries }: Held, start: number, goal: Goal | undefined): Window {
  const from = Math.max(start, first);
  const tokens = 2 * markerTokens + sum(entries, from - first, entries.length);
  return withGoalBefore({ start: from, estimatedTokens: tokens }, goal);
}

function withGoalBefore(window: Window, goal: Goal | undefined): Window {
  if (goal === undefined || goal.index >= window.start) return window;
  return { ...window, goalIndex: goal.index, estimatedTokens: window.estimatedTokens + goal.estimatedTokens };
}

/** First entry of the block that an entry belongs to: a result belongs to the message that called for it. */
function startOfBlock(entries: readonly ThreadEntry[], index: number): number {
  let start = index;
  while (start > 0 && entries[start]!.isResult) start -= 1;
  return start;
}

function sum(entries: readonly ThreadEntry[], from: number, to: number): number {
  let total = 0;
  for (let index = from; index < to; index += 1) total += entries[index]!.estimatedTokens;
  return total;
}
