import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildBundle } from './support/build-bundle.ts';
import { RuntimeWorld, runTask } from './support/runtime-world.ts';

let world: RuntimeWorld;
beforeAll(buildBundle);
beforeEach(async () => {
  world = await RuntimeWorld.create();
});
afterEach(() => world.stop());

const secretPrompt = 'Read the file about project Nightingale';

async function runToTheEnd(): Promise<void> {
  world.write('nightingale.txt', 'nightingale is confidential');
  world.gateway.say([
    { calls: [{ name: 'ReadFile', arguments: { path: 'nightingale.txt' } }] },
    { text: 'It is confidential.' },
  ]);
  const { runtime, sessionId } = await world.startSession();
  await runTask(runtime, sessionId, secretPrompt);
  await runtime.stop();
}

describe('telemetry', () => {
  it('tells how long things took and how they ended, and nothing of what they were about', async () => {
    await runToTheEnd();

    const posts = world.services.calls.filter(({ path }) => path === '/telemetry/events');
    const signals = posts.flatMap(({ body }) => (body as { events: { name: string; attributes: object }[] }).events);
    expect(signals.map(({ name }) => name)).toEqual([
      'llm_request_completed',
      'tool_completed',
      'llm_request_completed',
      'task_completed',
    ]);
    expect(signals.map(({ attributes }) => attributes)).toEqual([
      { durationMs: expect.any(Number), inputTokens: 100, outputTokens: 10 },
      { tool: 'ReadFile', durationMs: expect.any(Number), status: 'succeeded' },
      { durationMs: expect.any(Number), inputTokens: 100, outputTokens: 10 },
      { durationMs: expect.any(Number), stepCount: 2 },
    ]);
    expect(JSON.stringify(posts)).not.toMatch(/nightingale|confidential/i);
  });

  it('is dropped when its service is away, and the work goes on', async () => {
    world.services.intercept = (_method, path) => (path.startsWith('/telemetry') ? 'drop' : undefined);

    await runToTheEnd();

    const posts = world.services.calls.filter(({ path }) => path === '/telemetry/events');
    expect(posts).toHaveLength(1);
  });
});
