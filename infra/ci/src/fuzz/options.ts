/** Thrown for arguments that mean nothing; the message is the usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a fuzzing run was asked for. */
export interface FuzzOptions {
  /** Rounds go on until this many requests were sent; each service gets at least one round. */
  readonly requests: number;
  /** Seed of the first round; round n uses seed + n. */
  readonly seed: number;
  /** Generated requests per operation and phase in one round. */
  readonly examples: number;
  /** Services to fuzz; all unless given. */
  readonly services: readonly string[];
  /** Operations whose bodies have so many edges that a fixed budget leaves them to the long run. */
  readonly withoutEdges: readonly string[];
  /** Runs of different services at the same time. */
  readonly parallel: number;
}

const LONG = { requests: 100_000, examples: 100, withoutEdges: [] };
const POLICY_BODIES = ['createDraft', 'updateDraft', 'diffPolicy', 'evaluate', 'simulatePolicy'];
const CI = { requests: 0, seed: 20_260_101, examples: 3, withoutEdges: POLICY_BODIES };
const USAGE = `npm run fuzz -- [--ci] [--requests N] [--seed N] [--examples N] [--service NAME]… [--parallel N]`;

/** Reads the command line; `randomSeed` is used where none is given. Throws UsageError. */
export function parseOptions(args: readonly string[], randomSeed: number): FuzzOptions {
  const known = ['--ci', '--requests', '--seed', '--examples', '--service', '--parallel'];
  const values = new Map<string, string[]>();
  for (let at = 0; at < args.length; at += 1) {
    const name = args[at] ?? '';
    if (!known.includes(name)) throw new UsageError(`${name} is not known. ${USAGE}`);
    if (name === '--ci') values.set(name, []);
    else values.set(name, [...(values.get(name) ?? []), args[(at += 1)] ?? '']);
  }
  const preset = values.has('--ci') ? CI : { ...LONG, seed: randomSeed };
  const number = (name: string, fallback: number): number => {
    const text = values.get(name)?.at(-1);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (text !== '' && Number.isSafeInteger(value) && value >= 0) return value;
    throw new UsageError(`${name} takes a whole number. ${USAGE}`);
  };
  return {
    requests: number('--requests', preset.requests),
    seed: number('--seed', preset.seed),
    examples: Math.max(1, number('--examples', preset.examples)),
    services: values.get('--service') ?? [],
    withoutEdges: preset.withoutEdges,
    parallel: Math.max(1, number('--parallel', 2)),
  };
}
