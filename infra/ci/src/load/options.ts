/** How long a load run lasts. */
export interface LoadOptions {
  /** Seconds of one round of a hot route. */
  readonly roundSeconds: number;
  readonly rounds: number;
  /** Seconds of the mixed run. */
  readonly mixedSeconds: number;
  readonly overloadSeconds: number;
  /** Calls made through the broken engine. */
  readonly faultyCalls: number;
  /** Acknowledged writes that a killed service has to show again. */
  readonly chaosWrites: number;
  /** Parts to run; all of them when empty. */
  readonly only: readonly string[];
}

/** Thrown for arguments that mean nothing; the message is the usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const usage = 'Usage: npm run load -- [--short] [--minutes N] [--only ratio|mixed|overload|faults|kill|drain]';

/** Reads the arguments; throws UsageError. `--minutes` is the length of the mixed run. */
export function parseLoadOptions(args: readonly string[]): LoadOptions {
  let isShort = false;
  let minutes: number | undefined;
  const only: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const name = args[index];
    if (name === '--short') isShort = true;
    else if (name === '--minutes') minutes = positive(args[(index += 1)]);
    else if (name === '--only') only.push(part(args[(index += 1)]));
    else throw new UsageError(usage);
  }
  const lengths = isShort
    ? { roundSeconds: 1, rounds: 1, mixedSeconds: 5, overloadSeconds: 3, faultyCalls: 1000, chaosWrites: 200 }
    : { roundSeconds: 2, rounds: 3, mixedSeconds: 20, overloadSeconds: 5, faultyCalls: 3000, chaosWrites: 1000 };
  return { ...lengths, only, ...(minutes === undefined ? {} : { mixedSeconds: minutes * 60 }) };
}

function positive(text: string | undefined): number {
  const value = Number(text);
  if (!(value > 0 && value <= 24 * 60)) throw new UsageError(usage);
  return value;
}

function part(text: string | undefined): string {
  if (text === undefined || !['ratio', 'mixed', 'overload', 'faults', 'kill', 'drain'].includes(text))
    throw new UsageError(usage);
  return text;
}
