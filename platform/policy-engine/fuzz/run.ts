import { decide } from '../src/index.ts';
import { generate, mutate } from './grammar.ts';
import { randomFrom } from './random.ts';
import { runInSandbox, type Touch } from './sandbox.ts';
import { bundle, facts } from './world.ts';

/** How one run of the differential fuzz went. */
export interface FuzzResult {
  readonly generated: number;
  readonly allowed: number;
  readonly asked: number;
  readonly denied: number;
  readonly executed: number;
  /** Commands that the engine allowed and that touched a canary. */
  readonly disagreements: readonly Touch[];
}

/** How to run it. */
export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  /** Commands to change, in addition to generated ones. */
  readonly corpus: readonly string[];
  /** Commands per sandbox. */
  readonly batch?: number;
  /** Sandboxes at a time. */
  readonly parallel?: number;
  onProgress?(executed: number, generated: number): void;
}

/**
 * Generates commands, lets the engine decide, and really runs those that it allows. A command that both is allowed and
 * touches a canary is an unsafe disagreement.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const random = randomFrom(options.seed);
  const tally = { allow: 0, require_approval: 0, deny: 0 };
  const batchSize = options.batch ?? 400;
  const disagreements: Touch[] = [];
  const seen = new Set<string>();
  const running = new Set<Promise<void>>();
  let executed = 0;
  let batch: string[] = [];
  let generated = 0;
  const start = async (commands: readonly string[]): Promise<void> => {
    while (running.size >= (options.parallel ?? 2)) await Promise.race(running);
    const job = runInSandbox(commands).then((touches) => {
      executed += commands.length;
      disagreements.push(...touches);
      options.onProgress?.(executed, generated);
    });
    const tracked = job.finally(() => running.delete(tracked));
    running.add(tracked);
  };
  while (generated < options.count) {
    generated++;
    const command =
      options.corpus.length > 0 && random.oneIn(4) ? mutate(random.pick(options.corpus), random) : generate(random);
    const { decision } = decide(bundle, { toolName: 'RunCommand', arguments: { command } }, facts);
    tally[decision]++;
    if (decision !== 'allow' || seen.has(command)) continue;
    seen.add(command);
    batch.push(command);
    if (batch.length >= batchSize) {
      await start(batch);
      batch = [];
    }
  }
  if (batch.length > 0) await start(batch);
  await Promise.all(running);
  const { allow: allowed, require_approval: asked, deny: denied } = tally;
  return { generated, allowed, asked, denied, executed, disagreements };
}
