import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { campaign } from '../src/index.ts';
import type { CampaignResult, Failure, Point } from '../src/index.ts';

const build = join(fileURLToPath(import.meta.url), '..', '..', 'build', 'build-instrumented.mjs');
let runtimeFile = '';
beforeAll(async () => {
  const { buildInstrumentedRuntime } = (await import(build)) as { buildInstrumentedRuntime: () => Promise<string> };
  runtimeFile = await buildInstrumentedRuntime();
}, 120_000);

/** The seeds of every test run; the long run is `npm run torture`. */
function shortCampaign(
  trials: readonly ('kill' | 'disk' | 'power')[],
  runs: number,
  points?: readonly Point[],
): Promise<{ result: CampaignResult; failures: Failure[] }> {
  const failures: Failure[] = [];
  return campaign({
    runtimeFile,
    seed: 1,
    minutes: 10,
    runs,
    lanes: 2,
    trials,
    ...(points === undefined ? {} : { points }),
    onFailure: (failure) => void failures.push(failure),
  }).then((result) => ({ result, failures }));
}

describe('a runtime that dies at any point', () => {
  it('comes back with the same thread, every effect once, and says what it does not know', async () => {
    const { result, failures } = await shortCampaign(['kill'], 20);

    expect(failures).toEqual([]);
    expect(result.points).toBeGreaterThan(300);
    expect(result.kills).toBeGreaterThanOrEqual(20);
  }, 600_000);

  it('pauses before the effect when its disk fails, and goes on when there is room', async () => {
    const { result, failures } = await shortCampaign(['disk'], 10);

    expect(failures).toEqual([]);
    expect(result.diskFaults).toBeGreaterThanOrEqual(6);
  }, 600_000);

  it('loses nothing that was confirmed when the power goes', async () => {
    const { result, failures } = await shortCampaign(['power'], 8);

    expect(failures).toEqual([]);
    expect(result.powerCuts).toBeGreaterThanOrEqual(6);
  }, 600_000);

  it('strikes the same again, with the same outcome, when a seed is run again with the points of its run', async () => {
    const { result } = await shortCampaign(['kill'], 1);
    const { result: again } = await shortCampaign(['kill'], 1, result.list);

    expect(again.strikes).toEqual(result.strikes);
    expect(result.strikes).toEqual([expect.stringMatching(/^1 .* met$/)]);
    expect([result.failures, again.failures]).toEqual([[], []]);
  }, 600_000);
});
