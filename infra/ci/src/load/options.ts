import { hotRoutes } from './routes.ts';

/** How long a load run lasts. */
export interface LoadOptions {
  /** Seconds of one round of a hot route. */
  readonly roundSeconds: number;
  readonly rounds: number;
  /** Answers that warm a process up before its rounds, and the seconds after which it is warm enough. */
  readonly warmAnswers: number;
  readonly warmSeconds: number;
  /** How often each service is started to see how long that takes. */
  readonly starts: number;
  /** Seconds of the mixed run. */
  readonly mixedSeconds: number;
  /** Seconds of the first overload, and how many times peak and overload take turns after it. */
  readonly overloadSeconds: number;
  readonly overloadSlices: number;
  /** Calls made through the broken engine. */
  readonly faultyCalls: number;
  /** Acknowledged writes that a killed service has to show again. */
  readonly chaosWrites: number;
  /** Parts to run; all of them when empty. */
  readonly only: readonly PartName[];
  /** Parts of the names of the hot routes to compare; all of them when empty. */
  readonly routes: readonly string[];
}

/** Thrown for arguments that mean nothing; the message is the usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The parts of a load run, in their order; the overload lowers the priority of the process and is the last. */
export const partNames = ['start', 'ratio', 'mixed', 'faults', 'kill', 'drain', 'overload'] as const;

/** Name of one part. */
export type PartName = (typeof partNames)[number];

const usage = `Usage: npm run load -- [--short] [--minutes N] [--only ${partNames.join('|')}]… [--route TEXT]…`;

/** Reads the arguments; throws UsageError. `--minutes` is the length of the mixed run, `--route` names hot routes. */
export function parseLoadOptions(args: readonly string[]): LoadOptions {
  let isShort = false;
  let minutes: number | undefined;
  const only: PartName[] = [];
  const routes: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const name = args[index];
    if (name === '--short') isShort = true;
    else if (name === '--minutes') minutes = positive(args[(index += 1)]);
    else if (name === '--only') only.push(part(args[(index += 1)]));
    else if (name === '--route') routes.push(routePart(args[(index += 1)]));
    else throw new UsageError(usage);
  }
  const lengths = isShort ? short : full;
  return { ...lengths, only, routes, ...(minutes === undefined ? {} : { mixedSeconds: minutes * 60 }) };
}

const short = {
  roundSeconds: 1,
  rounds: 1,
  warmAnswers: 1000,
  warmSeconds: 4,
  starts: 1,
  mixedSeconds: 5,
  overloadSeconds: 3,
  overloadSlices: 3,
  faultyCalls: 1000,
  chaosWrites: 200,
};
const full = {
  roundSeconds: 3,
  rounds: 5,
  warmAnswers: 4000,
  warmSeconds: 12,
  starts: 3,
  mixedSeconds: 60,
  overloadSeconds: 8,
  overloadSlices: 25,
  faultyCalls: 6000,
  chaosWrites: 1000,
};

function positive(text: string | undefined): number {
  const value = Number(text);
  if (!(value > 0 && value <= 24 * 60)) throw new UsageError(usage);
  return value;
}

function part(text: string | undefined): PartName {
  const found = partNames.find((name) => name === text);
  if (found === undefined) throw new UsageError(usage);
  return found;
}

function routePart(text: string | undefined): string {
  if (text !== undefined && hotRoutes.some(({ name }) => name.includes(text))) return text;
  throw new UsageError(usage);
}
