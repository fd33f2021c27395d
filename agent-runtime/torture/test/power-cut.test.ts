import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { live, unknownConversation } from '../src/harness/life.ts';
import { World } from '../src/harness/world.ts';

const build = join(fileURLToPath(import.meta.url), '..', '..', 'build', 'build-instrumented.mjs');
let runtimeFile = '';
let world: World;
beforeAll(async () => {
  const { buildInstrumentedRuntime } = (await import(build)) as { buildInstrumentedRuntime: () => Promise<string> };
  runtimeFile = await buildInstrumentedRuntime();
  world = await World.start();
});
afterAll(() => world.stop());

describe('what a runtime has seen before the power goes', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'holds afterwards: the version of the policy is neither forgotten nor torn (%i)',
    async (seed) => {
      const [scenario] = world.scenarios;
      world.prepare(scenario!);
      const act = { kind: 'power', seed } as const;
      const strike = { point: 'send session_started (stdout)', moment: 'before', occurrence: 1, act } as const;

      const { kind } = await live(world, scenario!, unknownConversation(), [strike], runtimeFile);

      const kept = readdirSync(join(world.home, 'runtime', 'policy-versions'));
      expect([kind, kept]).toEqual(['died', [expect.stringMatching(/^[0-9a-f]{40}\.1$/)]]);
    },
    600_000,
  );
});
