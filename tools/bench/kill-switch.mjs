/** How long the kill switch takes: from an admin's click to the refusal of the external write that a session was asked about. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { createSession, startRuntime } from './runtime-session.mjs';
import { tokenFor } from './stack.mjs';

const write = { tool: 'HttpRequest', args: { method: 'POST', url: 'https://example.com/', body: 'x' } };

/**
 * Throws the switch `rounds` times while a running session waits with an external write, over its services and its
 * stream as people have them. @returns milliseconds from sending the admin's request to the event that tells the refusal
 */
export async function measureKillSwitch(stack, model, project, rounds = 20) {
  const { services, caFile, home } = stack.ready;
  const token = tokenFor(home, 'carol');
  const ca = readFileSync(caFile);
  const turn = (active) =>
    new Promise((resolve, reject) => {
      const call = request(
        `${services.policy}/kill-switch`,
        { method: 'PUT', ca, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } },
        (response) => {
          response.resume();
          response.once('end', () =>
            response.statusCode === 200 ? resolve() : reject(new Error(`The kill switch: ${response.statusCode}`)),
          );
        },
      );
      call.once('error', reject);
      call.end(JSON.stringify({ active, reason: 'A measurement.' }));
    });
  const rpc = await startRuntime(stack, model);
  try {
    const sessionId = await createSession(rpc, project);
    const times = [];
    for (let round = 0; round < rounds; round++) {
      model.arm({ ...write, steps: 1 });
      const asked = rpc.event('approval_requested');
      const refused = rpc.event('tool_completed');
      const ended = rpc.event('task_completed', 'task_failed');
      await rpc.call('StartTask', { sessionId, prompt: 'go' });
      await asked;
      const clicked = performance.now();
      const [{ payload }] = await Promise.all([refused.then(noted), turn(true)]);
      times.push(payload.at - clicked);
      if (payload.error?.code !== 'KILL_SWITCH_ACTIVE') throw new Error(`Not refused: ${JSON.stringify(payload)}`);
      await ended;
      const heard = rpc.event('policy_changed');
      await turn(false);
      await heard;
    }
    return times;
  } finally {
    await rpc.stop();
  }
}

function noted({ payload }) {
  return { payload: { ...payload, at: performance.now() } };
}
