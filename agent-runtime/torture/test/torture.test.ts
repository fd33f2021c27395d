import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { campaign } from '../src/index.ts';
import type { CampaignOptions, CampaignResult, Failure, RunPlan } from '../src/index.ts';

const build = join(fileURLToPath(import.meta.url), '..', '..', 'build', 'build-instrumented.mjs');
let runtimeFile = '';
beforeAll(async () => {
  const { buildInstrumentedRuntime } = (await import(build)) as { buildInstrumentedRuntime: () => Promise<string> };
  runtimeFile = await buildInstrumentedRuntime();
});

/** The seeds of every test run; the long run is `npm run torture`. */
function shortCampaign(
  trial: 'kill' | 'disk' | 'power' | 'cancel' | 'tool',
  runs: number,
  again?: CampaignOptions['again'],
): Promise<{ result: CampaignResult; failures: Failure[]; plans: RunPlan[] }> {
  const failures: Failure[] = [];
  const plans: RunPlan[] = [];
  return campaign({
    runtimeFile,
    minutes: 20,
    runs,
    lanes: 2,
    trials: [trial],
    from: 0,
    resumes: 1,
    ...(again === undefined ? {} : { again }),
    onPoints: () => undefined,
    onPlan: (plan) => void plans.push(plan),
    onRun: () => undefined,
    onFailure: (failure) => void failures.push(failure),
  }).then((result) => ({ result, failures, plans }));
}

/** Far more than any machine needs: what hangs is found by the harness itself. */
const patienceMs = 1_200_000;

describe('a runtime that dies at any point', () => {
  it(
    'comes back with the same thread, every effect once, and says what it does not know',
    async () => {
      const { result, failures } = await shortCampaign('kill', 8);

      expect(failures).toEqual([]);
      expect(result.points).toBeGreaterThan(300);
      expect(result.kills).toBeGreaterThanOrEqual(20);
      expect(result).toMatchObject({ lost: 0, doubled: 0, unreadable: 0, zombies: 0 });
    },
    patienceMs,
  );

  it(
    'pauses before the effect when its disk fails, and goes on when there is room',
    async () => {
      const { result, failures } = await shortCampaign('disk', 8);

      expect(failures).toEqual([]);
      expect(result.diskFaults).toBeGreaterThanOrEqual(6);
    },
    patienceMs,
  );

  it(
    'loses nothing that was confirmed when the power goes',
    async () => {
      const { result, failures } = await shortCampaign('power', 6);

      expect(failures).toEqual([]);
      expect(result.powerCuts).toBeGreaterThanOrEqual(4);
    },
    patienceMs,
  );

  it(
    'outlives commands whose processes are killed, and says so to the model',
    async () => {
      const { result, failures } = await shortCampaign('tool', 4);

      expect(failures).toEqual([]);
      expect(result.toolDeaths).toBeGreaterThanOrEqual(1);
      expect(result.zombies).toBe(0);
    },
    patienceMs,
  );

  it(
    'ends a cancelled task in order, and no process of its commands outlives it',
    async () => {
      const { result, failures } = await shortCampaign('cancel', 6);

      expect(failures).toEqual([]);
      expect(result.cancels).toBeGreaterThanOrEqual(4);
    },
    patienceMs,
  );

  it(
    'strikes the same again, with the same outcome, when a seed is run again with the plan of its run',
    async () => {
      const { result, plans } = await shortCampaign('kill', 1);
      const [struck] = result.strikes;
      const { result: again } = await shortCampaign('kill', 1, { plan: plans[0]!, points: result.list });

      expect(struck).toMatch(/ met$/);
      expect(again.strikes).toEqual([struck]);
      expect([result.failures, again.failures]).toEqual([[], []]);
    },
    patienceMs,
  );
});
