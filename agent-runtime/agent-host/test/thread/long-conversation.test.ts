import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { starterPolicies } from '@steward/policy-engine';
import { systemJournalFiles } from '../../src/journal/journal-files.ts';
import { TestHost, callsOf, testSessionId } from '../support/test-host.ts';

interface Wire {
  readonly role: string;
  readonly content: string | null;
  readonly tool_calls?: { readonly id: string }[];
  readonly tool_call_id?: string;
}

const steps = 1_000;
const maxInputTokens = 32_000;
/** How this gateway counts: by another measure than ours, with a fixed part per message. */
const counted = (messages: readonly Wire[]): number =>
  messages.reduce((sum, message) => sum + 4 + Math.ceil(JSON.stringify(message).length / 3.1), 900);

let host: TestHost;
beforeEach(async () => {
  // A journal in memory copies itself at every sync, which a thousand steps feel.
  host = new TestHost({ settings: { files: systemJournalFiles } });
  const { llmPolicy } = starterPolicies['Careful developer']!;
  host.backend.bundle = { llmPolicy: { ...llmPolicy, maxInputTokens, maxSessionTokens: 1_000_000_000 } };
  await host.open();
});
afterEach(() => host.close());

/** Calls whose results are missing and results whose calls are missing. */
function separated(messages: readonly Wire[]): string[] {
  const calls = new Set(messages.flatMap(({ tool_calls }) => tool_calls ?? []).map(({ id }) => id));
  const results = new Set(messages.flatMap(({ tool_call_id }) => (tool_call_id === undefined ? [] : [tool_call_id])));
  return [...[...calls].filter((id) => !results.has(id)), ...[...results].filter((id) => !calls.has(id))];
}

describe('a task of a thousand steps whose thread is larger than any request', () => {
  it('keeps its goal and each call with its result, stays within the limit and counts tokens as the gateway does', async () => {
    let gatewayTokens = 0;
    let largest = 0;
    const broken: string[] = [];
    const withoutGoal: number[] = [];
    host.tools.behaviour = () => ({ status: 'succeeded', outputText: 'a line of output\n'.repeat(120) });
    host.model.next = (index) => {
      const messages = host.model.bodies[index]!.messages as unknown as Wire[];
      host.model.bodies[index] = { messages: [] };
      const inputTokens = counted(messages);
      gatewayTokens += inputTokens + 20;
      largest = Math.max(largest, inputTokens);
      broken.push(...separated(messages));
      if (!messages.some(({ role, content }) => role === 'user' && content === 'Count to a thousand'))
        withoutGoal.push(index);
      const answer =
        index < steps - 1
          ? callsOf({ name: 'ReadFile', arguments: { path: `/project/${index}.txt` } })
          : { text: 'Done.', toolCalls: [], finishReason: 'stop' };
      const calls = answer.toolCalls.map((call) => ({ ...call, id: `call_${index}` }));
      return { ...answer, toolCalls: calls, usage: { inputTokens, outputTokens: 20 } };
    };
    const taskId = await host.start('Count to a thousand', { maxSteps: steps });

    const end = await host.ended(taskId);
    const { usage } = await host.peer.request('GetSessionState', { sessionId: testSessionId });

    const pairs = host.events.flatMap(({ eventType, payload }, index) => {
      if (eventType !== 'llm_request_started') return [];
      const completed = host.events.slice(index).find((event) => event.eventType === 'llm_request_completed');
      const estimated = payload['estimatedInputTokens'] as number;
      return [{ estimated, counted: completed!.payload['inputTokens'] as number }];
    });
    const errors = pairs.slice(10).map((pair) => Math.abs(pair.estimated - pair.counted) / pair.counted);
    expect(end).toMatchObject({ eventType: 'task_completed', payload: { stepCount: steps } });
    expect(usage.sessionTokensUsed).toBe(gatewayTokens);
    expect(broken).toEqual([]);
    expect(withoutGoal).toEqual([]);
    expect(largest).toBeLessThanOrEqual(maxInputTokens);
    expect(largest).toBeGreaterThan(maxInputTokens * 0.9);
    expect(host.types()).toContain('context_compacted');
    expect(errors.filter((error) => error > 0.02)).toEqual([]);
  });
});
