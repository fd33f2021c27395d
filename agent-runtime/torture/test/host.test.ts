import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startIdentityProvider } from '../../../desktop/host/test/support/identity-provider.ts';
import type { TestIdentityProvider } from '../../../desktop/host/test/support/identity-provider.ts';
import { hostCampaign } from '../src/host/host-campaign.ts';
import { World } from '../src/harness/world.ts';

interface Builds {
  buildInstrumentedRuntime(): Promise<string>;
  buildInstrumentedHost(): Promise<string>;
}

const build = join(fileURLToPath(import.meta.url), '..', '..', 'build', 'build-instrumented.mjs');
/** A few of them in every test run; `STEWARD_HOST_KILLS` takes more. */
const kills = Number(process.env['STEWARD_HOST_KILLS'] ?? 4);
let files: { runtimeFile: string; hostFile: string };
let world: World;
let provider: TestIdentityProvider;
beforeAll(async () => {
  const { buildInstrumentedRuntime, buildInstrumentedHost } = (await import(build)) as Builds;
  files = { runtimeFile: await buildInstrumentedRuntime(), hostFile: await buildInstrumentedHost() };
  provider = await startIdentityProvider();
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});

describe('a desktop host that dies at any point', () => {
  it('leaves no runtime behind, and the next one goes on with every effect once', async () => {
    const { issuer } = provider;
    const setup = { ...files, issuer, browse: (page: string) => provider.browse(page) };

    const result = await hostCampaign(world, setup, kills);

    expect(result.problems).toEqual([]);
    expect(result.points).toBeGreaterThan(20);
    // Which events are told, and how often, depends on time.
    expect(result.kills).toBeGreaterThanOrEqual(Math.ceil(kills / 2));
  }, 1_200_000);
});
