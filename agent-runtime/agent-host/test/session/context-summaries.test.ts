import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { starterPolicies } from '@steward/policy-engine';
import { ModelError } from '../../src/model/model-error.ts';
import { sessionPaths } from '../../src/session/session-paths.ts';
import { TestHost, callsOf, testSessionId } from '../support/test-host.ts';

const wanted = 'You sum up the earlier part';
const isSummary = (body: { messages: { content: string }[] } | undefined): boolean =>
  body?.messages[0]?.content.startsWith(wanted) === true;

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  prepare(host);
  await host.open();
});
afterEach(() => host.close());

function prepare(target: TestHost): void {
  const { llmPolicy } = starterPolicies['Careful developer']!;
  target.backend.contextSummaries = true;
  target.backend.bundle = { llmPolicy: { ...llmPolicy, maxInputTokens: 8_000 } };
  target.tools.behaviour = () => ({ status: 'succeeded', outputText: 'a line of output\n'.repeat(150) });
}

/** Answers requests for a summary by `summary`, and every other by a call until the task has taken its steps. */
function script(steps: number, summary: (index: number) => string | Error): { asked: () => number } {
  let step = 0;
  let asked = 0;
  host.model.next = (index) => {
    if (isSummary(host.model.bodies[index])) {
      asked += 1;
      const text = summary(asked);
      if (text instanceof Error) throw text;
      return { text, toolCalls: [], finishReason: 'stop', usage: { inputTokens: 1_000, outputTokens: 7 } };
    }
    step += 1;
    if (step > steps) return { text: 'Done.', toolCalls: [], finishReason: 'stop' };
    const answer = callsOf({ name: 'ReadFile', arguments: { path: `/project/${step}.txt` } });
    return { ...answer, toolCalls: answer.toolCalls.map((call) => ({ ...call, id: `call_${step}` })) };
  };
  return { asked: () => asked };
}
const compactions = (): unknown[] =>
  host.events.flatMap(({ eventType, payload }) => (eventType === 'context_compacted' ? [payload['summarised']] : []));
const textOf = (body: TestHost['model']['bodies'][number]): string => JSON.stringify(body.messages);

describe('context summaries', () => {
  it('stand for what no longer fits, are folded into the next one, redacted, and counted against the budget', async () => {
    const run = script(40, (index) => `Summary ${index}, gateway-secret.`);
    const taskId = await host.start('Read forty files', { maxSteps: 50 });

    const end = await host.ended(taskId);

    const requests = host.model.bodies.filter(isSummary);
    const others = host.model.bodies.filter((body) => !isSummary(body));
    expect(end.eventType).toBe('task_completed');
    expect(run.asked()).toBeGreaterThan(1);
    expect(compactions()).toEqual(requests.map(() => true));
    expect(textOf(requests[1]!)).toContain('Earlier summary:\\nSummary 1');
    expect(textOf(others.at(-1)!)).toContain(`Summary ${run.asked()}, `);
    expect(textOf(others.at(-1)!)).toContain('Read forty files');
    expect(host.model.bodies.map(textOf).join('')).not.toContain('gateway-secret');
    expect(host.types().filter((type) => type === 'llm_request_completed')).toHaveLength(host.model.bodies.length);
  });

  it('leave the markers where the model fails, without a pause', async () => {
    script(15, () => new ModelError('refused', 'No.', { status: 500 }));
    const taskId = await host.start('Read files', { maxSteps: 50 });

    const end = await host.ended(taskId);

    expect(end.eventType).toBe('task_completed');
    expect(compactions()).toContain(false);
    expect(compactions()).not.toContain(true);
    expect(host.types()).not.toContain('session_paused');
    expect(textOf(host.model.bodies.at(-1)!)).toContain('were left out here');
  });

  it('are cancelled with the task', async () => {
    script(15, () => 'never');
    const { next } = host.model;
    let asked: () => void;
    const reached = new Promise<void>((resolve) => (asked = resolve));
    host.model.next = (index, signal, onText) => {
      if (!isSummary(host.model.bodies[index])) return next(index, signal, onText);
      asked();
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const taskId = await host.start('Read files', { maxSteps: 50 });
    await reached;

    await host.peer.request('CancelTask', { sessionId: testSessionId, taskId } as never);

    expect((await host.ended(taskId)).eventType).toBe('task_cancelled');
  });

  it('survive the process: the next one sends the same request and asks for no summary again', async () => {
    const run = script(12, () => 'They read files.');
    const { next } = host.model;
    let stopped: () => void;
    const reached = new Promise<void>((resolve) => (stopped = resolve));
    host.model.next = (index, signal, onText) => {
      if (run.asked() === 0 || isSummary(host.model.bodies[index])) return next(index, signal, onText);
      stopped();
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const taskId = await host.start('Read files', { maxSteps: 50 });
    await reached;
    const before = host.model.bodies.at(-1);
    const { files, home, time } = host;
    await host.server.stop();
    // The journal itself is in memory; that there is one is looked up on the disk.
    writeFileSync(sessionPaths(home, testSessionId).journal, '');
    host = new TestHost({ files, home, time });
    prepare(host);

    await host.greet();
    await host.peer.request('ResumeSession', { sessionId: testSessionId });
    await host.ended(taskId);

    expect(textOf(before!)).toContain('They read files.');
    expect(host.model.bodies).toEqual([before]);
  });
});
