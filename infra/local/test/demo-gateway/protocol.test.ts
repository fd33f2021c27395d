import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GATEWAY_TOKEN, ask, post, requestFor, startDemoGateway } from '../support/demo-conversation.ts';
import type { RunningGateway } from '../support/demo-conversation.ts';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startDemoGateway();
});
afterAll(async () => gateway.stop());

const HELLO = [{ role: 'user', content: 'hello' }] as const;
const EXPLAIN = [{ role: 'user', content: 'explain src/a.ts' }] as const;

describe('the demo gateway', () => {
  it('offers one model', async () => {
    const response = await fetch(`${gateway.endpoint}/models`, {
      headers: { authorization: `Bearer ${GATEWAY_TOKEN}` },
    });

    expect(await response.json()).toEqual({
      object: 'list',
      data: [{ id: 'steward-demo', object: 'model', created: 0, owned_by: 'steward' }],
    });
  });

  it('streams text in many pieces and ends with the usage', async () => {
    const answer = await ask(gateway.endpoint, HELLO);

    expect(answer).toMatchObject({ calls: [], finishReason: 'stop' });
    expect(answer.chunks).toBeGreaterThan(50);
    expect(answer.usage).toEqual({
      prompt_tokens: expect.any(Number),
      completion_tokens: Math.ceil(answer.text.length / 4),
      total_tokens: expect.any(Number),
    });
  });

  it('answers the same request the same way, streamed or whole', async () => {
    const streamed = await ask(gateway.endpoint, EXPLAIN);
    const whole = (await (await post(gateway.endpoint, requestFor(EXPLAIN))).json()) as {
      choices: { finish_reason: string; message: unknown }[];
      usage: unknown;
    };

    expect(whole.choices[0]).toEqual({
      index: 0,
      finish_reason: 'tool_calls',
      message: {
        role: 'assistant',
        content: streamed.text,
        tool_calls: streamed.calls.map(({ id, ...named }) => ({ id, type: 'function', function: named })),
      },
    });
    expect(whole.usage).toEqual(streamed.usage);
  });

  it('stops at the token limit and goes on where it stopped', async () => {
    const full = await ask(gateway.endpoint, HELLO);
    const cut = await ask(gateway.endpoint, HELLO, { max_tokens: 10 });
    const more = await ask(gateway.endpoint, [...HELLO, { role: 'assistant', content: cut.text }]);

    expect(cut).toMatchObject({ finishReason: 'length', text: full.text.slice(0, 40) });
    expect(cut.text + more.text).toBe(full.text);
  });

  it('says so when the needed tool is not offered', async () => {
    const answer = await ask(gateway.endpoint, EXPLAIN, { tools: [] });

    expect(answer.text).toContain('I need the tool `ReadFile`');
  });

  it.each([
    ['not json', 400, 'invalid_request_error'],
    [{ model: 'steward-demo' }, 400, 'invalid_request_error'],
    [{ model: 'steward-demo', messages: [{ role: 'pirate' }] }, 400, 'invalid_request_error'],
    [{ model: 'gpt', messages: HELLO }, 404, 'model_not_found'],
  ])('refuses %j', async (body, status, code) => {
    const response = await post(gateway.endpoint, body);

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  it('refuses a wrong token', async () => {
    const response = await post(gateway.endpoint, requestFor(HELLO), 'guess');

    expect(response.status).toBe(401);
  });
});
