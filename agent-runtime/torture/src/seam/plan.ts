/** Whether something happens just before an operation or just after it. */
export type Moment = 'before' | 'after';

/** What is done at a point. */
export type Act =
  /** The process dies at this very instruction; with `tools` everything in the groups of running commands before it. */
  | { readonly kind: 'kill'; readonly tools?: true }
  /** Everything in the groups of running commands dies, and nothing else. */
  | { readonly kind: 'kill-tool' }
  /** The machine loses power: what was not flushed is lost, kept or torn, as the seed decides; then the process dies. */
  | { readonly kind: 'power'; readonly seed: number }
  /** Part of the bytes is written, then the process dies. Writes only. */
  | { readonly kind: 'torn-kill'; readonly share: number }
  /** The operation fails once with a system error; a write may have put part of its bytes down first. */
  | { readonly kind: 'fail'; readonly code: string; readonly share?: number }
  /** From now on everything that writes below the runtime's home fails, until the gate file is there. */
  | { readonly kind: 'fill'; readonly code: string }
  /** A write takes fewer bytes than it was given, and says so. */
  | { readonly kind: 'short'; readonly share: number }
  /** A request to cancel the task arrives. */
  | { readonly kind: 'cancel'; readonly force: boolean };

/** One act at one occurrence of one point; occurrences count from 1, anew in each process. */
export interface Strike {
  readonly point: string;
  readonly moment: Moment;
  readonly occurrence: number;
  readonly act: Act;
}

/** What an instrumented runtime is told, as JSON in the file that `STEWARD_TORTURE` names. */
export interface FaultPlan {
  /** Every point is appended here as one line before it is passed: `moment point`. */
  readonly hits: string;
  /** While this file is missing, a filled disk stays full. */
  readonly gate: string;
  /** The runtime's home; a filled disk is the disk of this folder. */
  readonly home: string;
  readonly strikes: readonly Strike[];
}
