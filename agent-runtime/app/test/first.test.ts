import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ScriptedGateway } from './support/scripted-gateway.ts';
import { ServicesDouble } from './support/services-double.ts';
import { RuntimeProcess } from './support/runtime-process.ts';

it('runs a task', async () => {
  const services = await ServicesDouble.start();
  const gateway = await ScriptedGateway.start([{ text: 'I read it.', calls: [{ name: 'ReadFile', arguments: { path: 'a.txt' } }] }, { text: 'It says hello.' }]);
  const home = mkdtempSync(join(tmpdir(), 'steward-home-'));
  const project = mkdtempSync(join(tmpdir(), 'steward-project-'));
  writeFileSync(join(project, 'a.txt'), 'hello\n');
  const t0 = performance.now();
  const runtime = RuntimeProcess.spawn({ env: { ...services.env, STEWARD_HOME: home, LLM_GATEWAY_ENDPOINT: gateway.endpoint, LLM_GATEWAY_AUTH_TOKEN: gateway.token, STEWARD_MODEL: 'scripted-model' } });
  try {
    await runtime.initialize(services.accessToken);
    const t1 = performance.now();
    const session = await runtime.createSession(project);
    const t2 = performance.now();
    const { task } = await runtime.peer.request('StartTask', { sessionId: session.sessionId, prompt: 'What is in a.txt?' });
    const end = await runtime.ended(task.taskId);
    console.error(JSON.stringify(end), t1 - t0, t2 - t1, gateway.requests[0]!.receivedAt - t0, performance.now() - t2);
    console.error(runtime.events.map((event) => `${event.seq} ${event.eventType}`).join('\n'));
    console.error(JSON.stringify(gateway.requests[1]?.body.messages, null, 1));
    expect(end.eventType).toBe('task_completed');
  } finally {
    console.error(runtime.stderr);
    await runtime.stop();
    await gateway.stop();
    await services.stop();
  }
});
