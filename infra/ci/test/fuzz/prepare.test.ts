import { describe, expect, test } from '@jest/globals';
import type { Call } from '../../src/fuzz/https.ts';
import { prepare } from '../../src/fuzz/prepare.ts';

const firstId = 'sim_00000000000000000000000001';
const secondId = 'sim_00000000000000000000000002';

/** A Policy Service that runs one simulation at a time and ends it when it was asked for it twice. */
function policyService(called: string[]) {
  let started = 0;
  let asked = 0;
  return ({ method, url }: Call): Promise<{ status: number; text: string }> => {
    called.push(`${method} ${url}`);
    if (url === '/policy/simulate') {
      started += 1;
      asked = 0;
      return answer(202, { simulationId: started % 2 === 1 ? firstId : secondId, status: 'running' });
    }
    if (method === 'POST') return answer(201, { version: 7 });
    asked += 1;
    return answer(200, { status: asked < 2 ? 'running' : 'completed' });
  };
}

const answer = (status: number, body: object) => Promise.resolve({ status, text: JSON.stringify(body) });

describe('things prepared for operations', () => {
  test('are one for each request, and a simulation has ended before the next one begins', async () => {
    const called: string[] = [];
    const made: string[] = [];

    const prepared = await prepare('policy', {
      call: policyService(called),
      services: { policy: '' },
      tokens: { carol: 'hers' },
      count: 2,
      onMade: (id) => made.push(id),
    });

    const drafts = [{ version: 7 }, { version: 7 }];
    const simulations = [{ simulationId: firstId }, { simulationId: secondId }];
    expect(prepared).toEqual({
      getPolicy: drafts,
      validatePolicy: drafts,
      publishPolicy: drafts,
      getSimulation: simulations,
      cancelSimulation: simulations,
    });
    expect(made).toEqual([firstId, secondId, firstId, secondId]);
    expect(called.filter((call) => call.includes('simulat')).slice(0, 4)).toEqual([
      'POST /policy/simulate',
      `GET /policy/simulations/${firstId}`,
      `GET /policy/simulations/${firstId}`,
      'POST /policy/simulate',
    ]);
  });

  test('end the run with the answer where a service refuses one', async () => {
    const preparing = prepare('session', {
      call: () => answer(503, { code: 'UNAVAILABLE' }),
      services: { session: '' },
      tokens: { bob: 'his' },
      count: 1,
      onMade: () => undefined,
    });

    await expect(preparing).rejects.toThrow('POST /sessions was answered 503: {"code":"UNAVAILABLE"}');
  });

  test('are none for a service that needs none', async () => {
    const prepared = await prepare('telemetry', {
      call: () => answer(500, {}),
      services: {},
      tokens: {},
      count: 1,
      onMade: () => undefined,
    });

    expect(prepared).toEqual({});
  });
});
