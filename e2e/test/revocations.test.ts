import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createProject } from '../support/project.ts';
import { RuntimeClient } from '../support/runtime-client.ts';
import { asPolicyAdmin, serviceFetch } from '../support/services.ts';
import { Stack, root, temporaryFolder } from '../support/stack.ts';
import { startToolCallingGateway } from '../support/tool-calling-gateway.ts';

describe('a running session when an admin or operator acts', () => {
  const home = temporaryFolder('home');
  const project = temporaryFolder('project');
  let stack: Stack;
  let gateway: Awaited<ReturnType<typeof startToolCallingGateway>>;
  const clients: RuntimeClient[] = [];
  beforeAll(async () => {
    createProject(project.path);
    [stack, gateway] = await Promise.all([Stack.start(home.path, { stackOnly: true }), startToolCallingGateway()]);
  }, 600_000);
  afterAll(async () => {
    for (const client of clients) await client.kill().catch(() => undefined);
    await stack?.stop();
    await gateway?.close();
    home.cleanUp();
    project.cleanUp();
  });

  const open = async (): Promise<{ runtime: RuntimeClient; sessionId: string }> => {
    const runtime = await RuntimeClient.start(stack, await stack.token('alice'), {
      LLM_GATEWAY_ENDPOINT: gateway.endpoint,
      STEWARD_MODEL: 'steward-demo',
    });
    clients.push(runtime);
    const { sessionId } = await runtime.createSession(project.path);
    return { runtime, sessionId };
  };
  const keys = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'dist/services/policy-keys.js'), ...args], {
      encoding: 'utf8',
      env: { POLICY_KEYS_FILE: join(home.path, 'keys', 'policy-keys.json') },
    });

  it('denies the external write that waits, and the next one, once the kill switch reached it [revocation-1]', async () => {
    gateway.calls = [{ name: 'HttpRequest', arguments: { method: 'POST', url: 'https://example.com/', body: 'x' } }];
    const { runtime, sessionId } = await open();
    await runtime.call('StartTask', { sessionId, prompt: 'Send it.' });
    await runtime.event('approval_requested');

    const status = await asPolicyAdmin(stack, 'PUT', '/kill-switch', { active: true, reason: 'An incident.' });
    const heard = await runtime.event('policy_changed');
    const resolved = await runtime.event('approval_resolved');
    const refused = await runtime.event('tool_completed');
    await runtime.event('task_completed');
    const from = runtime.events.length;
    await runtime.call('StartTask', { sessionId, prompt: 'Send it again.' });
    const next = await runtime.event('tool_completed', from);
    await runtime.event('task_completed', from);
    await asPolicyAdmin(stack, 'PUT', '/kill-switch', { active: false, reason: 'It is over.' });

    expect(status).toBe(200);
    expect(heard.payload.policy).toMatchObject({ killSwitch: true });
    expect(resolved.payload).toMatchObject({ decision: 'denied' });
    for (const { payload } of [refused, next])
      expect(payload).toMatchObject({ status: 'denied', error: { code: 'KILL_SWITCH_ACTIVE' } });
    expect(runtime.events.slice(from).map(({ eventType }) => eventType)).not.toContain('approval_requested');
  });

  it('goes on by a bundle of the new key when the one that signed its bundle is revoked [revocation-2]', async () => {
    gateway.calls = [{ name: 'ListDirectory', arguments: { path: project.path } }];
    const { runtime, sessionId } = await open();
    const current = keys('list')
      .stdout.split('\n')
      .find((line) => line.includes(' current '))!
      .split(' ')[0]!;

    const revoked = keys('revoke', '--kid', current, '--reason', 'It leaked.');
    await runtime.event('policy_changed');
    await runtime.call('StartTask', { sessionId, prompt: 'Look around.' });
    const done = await runtime.event('tool_completed');
    await runtime.event('task_completed');
    const jwks = await serviceFetch(stack, `${stack.ready.services.policy}/.well-known/jwks.json`);

    expect(revoked.status).toBe(0);
    expect(done.payload).toMatchObject({ status: 'succeeded' });
    expect(runtime.events.map(({ eventType }) => eventType)).not.toContain('session_paused');
    expect(jwks.text).not.toContain(current);
  });

  it('pauses and says why when its person is disabled, and goes on when the person may work again [revocation-3]', async () => {
    gateway.calls = [{ name: 'ListDirectory', arguments: { path: project.path } }];
    const { runtime, sessionId } = await open();

    await asPolicyAdmin(stack, 'POST', '/revocations', {
      kind: 'user_disabled',
      userId: 'alice',
      reason: 'Left the team.',
    });
    await runtime.event('policy_changed');
    await runtime.call('StartTask', { sessionId, prompt: 'Look around.' });
    const paused = await runtime.event('session_paused');
    await asPolicyAdmin(stack, 'POST', '/revocations', {
      kind: 'user_enabled',
      userId: 'alice',
      reason: 'Back again.',
    });
    await runtime.call('ResumeSession', { sessionId });
    await runtime.event('task_completed');

    expect(paused.payload).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(paused.payload.message).toContain('Left the team.');
  });
});
