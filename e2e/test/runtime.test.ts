import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createProject, projectTestsPass } from '../support/project.ts';
import { startHangingGateway } from '../support/hanging-gateway.ts';
import { RuntimeClient } from '../support/runtime-client.ts';
import { serviceFetch } from '../support/services.ts';
import { Stack, temporaryFolder } from '../support/stack.ts';

const rename = 'Rename the function add to sum across the folder and run the tests.';

describe('an agent runtime driven over stdio against the stack', () => {
  const home = temporaryFolder('home');
  const project = temporaryFolder('project');
  let stack: Stack;
  let alice: string;
  const clients: RuntimeClient[] = [];
  beforeAll(async () => {
    stack = await Stack.start(home.path, { stackOnly: true });
  });
  beforeEach(async () => {
    alice = await stack.token('alice');
  });
  afterAll(async () => {
    for (const client of clients) await client.kill().catch(() => undefined);
    await stack.stop();
    home.cleanUp();
    project.cleanUp();
  });

  const start = async (env: Record<string, string> = {}): Promise<RuntimeClient> => {
    const client = await RuntimeClient.start(stack, alice, env);
    clients.push(client);
    return client;
  };
  const freshProject = (name: string): string => {
    const folder = join(project.path, name);
    createProject(folder);
    return folder;
  };

  it('renames a function across the folder after an approval, and the project’s own tests pass [conversation-1]', async () => {
    const folder = freshProject('rename');
    const runtime = await start();
    const session = await runtime.createSession(folder);
    runtime.answerApprovals('approved');

    await runtime.call('StartTask', { sessionId: session.sessionId, prompt: rename });
    await runtime.event('task_completed');

    expect(readFileSync(join(folder, 'src/receipt.js'), 'utf8')).toContain("import { sum } from './add.js'");
    expect(readFileSync(join(folder, 'src/receipt.js'), 'utf8')).toContain("const address = 'Main Street 1'");
    expect(projectTestsPass(folder)).toBe(true);
    const asked = await runtime.event('approval_requested');
    expect(asked.payload.approval).toMatchObject({
      subject: { kind: 'command', command: expect.stringContaining('test') },
      policyName: 'Careful developer',
    });
    const patch = await runtime.call('GetPatchPreview', { sessionId: session.sessionId });
    expect(patch.files.map((file) => [file.path, file.status])).toEqual([
      ['src/add.js', 'modified'],
      ['src/receipt.js', 'modified'],
      ['test/receipt.test.js', 'modified'],
    ]);
    expect(runtime.events.map((event) => event.seq)).toEqual(runtime.events.map((_event, index) => index + 1));
    await runtime.shutdown(true);
  });

  it('tells the model why a command was denied, and runs nothing [conversation-2]', async () => {
    const folder = freshProject('deny');
    const runtime = await start();
    const session = await runtime.createSession(folder);
    runtime.answerApprovals('denied', 'Not on this machine.');

    await runtime.call('StartTask', { sessionId: session.sessionId, prompt: 'Run npm test' });
    await runtime.event('task_completed');

    const { items } = await runtime.call('GetMessages', { sessionId: session.sessionId });
    const result = items.find((message) => message.role === 'tool');
    expect(result?.toolResult).toMatchObject({ status: 'denied', error: { code: 'APPROVAL_DENIED' } });
    expect(result?.content).toContain('Not on this machine.');
    await runtime.shutdown(true);
  });

  it('cancels while an answer streams, and can go on afterwards [conversation-3]', async () => {
    const gateway = await startHangingGateway();
    const runtime = await start({ LLM_GATEWAY_ENDPOINT: gateway.endpoint });
    const { sessionId } = await runtime.createSession(freshProject('cancel'));
    await runtime.call('StartTask', { sessionId, prompt: 'Say something long' });
    await runtime.event('text_chunk');

    const { cancelled } = await runtime.call('CancelTask', { sessionId });
    await runtime.event('task_cancelled');
    const again = await runtime.call('StartTask', { sessionId, prompt: 'And again' });
    await gateway.close();

    expect([cancelled, again.accepted]).toEqual([true, true]);
  });

  it('continues after a kill without doing anything twice [recovery-1]', async () => {
    const folder = freshProject('kill');
    const runtime = await start();
    const session = await runtime.createSession(folder);
    await runtime.call('StartTask', { sessionId: session.sessionId, prompt: rename });
    await runtime.event('approval_requested');
    const before = runtime.events.filter((event) => event.eventType === 'tool_completed').length;
    await runtime.kill();

    const resumed = await start();
    resumed.answerApprovals('approved');
    const result = await resumed.call('ResumeSession', { sessionId: session.sessionId });
    await resumed.event('task_completed');

    expect(result.sessionId).toBe(session.sessionId);
    expect(projectTestsPass(folder)).toBe(true);
    const all = await allEvents(resumed, session.sessionId);
    expect(all.map((event) => event.seq)).toEqual(all.map((_event, index) => index + 1));
    const completed = all
      .filter((event) => event.eventType === 'tool_completed')
      .map((event) => (event.payload as { toolCallId: string }).toolCallId);
    expect(new Set(completed).size).toBe(completed.length);
    expect(completed.length).toBeGreaterThan(before);
    await resumed.shutdown(true);
  });

  it('keeps an approval pending over an orderly stop and asks again after the resume [recovery-1]', async () => {
    const folder = freshProject('stop');
    const runtime = await start();
    const { sessionId } = await runtime.createSession(folder);
    await runtime.call('StartTask', { sessionId, prompt: 'Run npm test' });
    const asked = await runtime.event('approval_requested');
    await runtime.kill('SIGTERM');

    const resumed = await start();
    await resumed.call('ResumeSession', { sessionId });
    const again = await resumed.event('approval_requested');
    resumed.answerApprovals('approved');
    await resumed.call('ApproveAction', {
      sessionId,
      approvalId: again.payload.approval.approvalId,
      actionDigest: again.payload.approval.actionDigest,
      decision: 'approved',
      scope: 'once',
    });
    await resumed.event('task_completed');

    expect(again.payload.approval.approvalId).toBe(asked.payload.approval.approvalId);
    const all = await allEvents(resumed, sessionId);
    expect(
      all
        .filter((event) => event.eventType === 'approval_resolved')
        .map((event) => (event.payload as { decision: string }).decision),
    ).toEqual(['approved']);
    await resumed.shutdown(true);
  });

  it('keeps history, events without gaps, and nothing for another tenant [audit-1] [isolation-1] [history-2]', async () => {
    const folder = freshProject('history');
    const runtime = await start();
    const { sessionId, workspaceId } = await runtime.createSession(folder);
    await runtime.call('StartTask', { sessionId, prompt: 'Explain src/receipt.js' });
    await runtime.event('task_completed');
    await runtime.shutdown(true);

    const { workspace, audit, session } = stack.ready.services;
    const mallory = await stack.token('mallory');
    const history = await serviceFetch(stack, `${workspace}/workspaces/${workspaceId}/sessions`, { token: alice });
    expect(history.json).toMatchObject({ items: [{ sessionId, title: expect.stringContaining('Explain') }] });
    const events = await serviceFetch(
      stack,
      `${audit}/events?stream_type=workspace&stream_id=${workspaceId}&limit=200`,
      { token: alice },
    );
    const sequence = (events.json as { items: { streamSeq: number }[] }).items
      .map((event) => event.streamSeq)
      .sort((a, b) => a - b);
    expect(sequence.length).toBeGreaterThan(3);
    expect(sequence).toEqual(sequence.map((_seq, index) => index + 1));

    for (const url of [
      `${workspace}/workspaces/${workspaceId}`,
      `${workspace}/workspaces/${workspaceId}/sessions`,
      `${session}/sessions/${sessionId}`,
    ]) {
      expect((await serviceFetch(stack, url, { token: mallory })).status).toBe(404);
    }

    const deleted = await serviceFetch(stack, `${workspace}/workspaces/${workspaceId}`, {
      method: 'DELETE',
      token: alice,
    });
    expect(deleted.json).toMatchObject({ workspaceId, verified: true });
    expect((await serviceFetch(stack, `${workspace}/workspaces/${workspaceId}`, { token: alice })).status).toBe(404);
  });
});

async function allEvents(runtime: RuntimeClient, sessionId: string) {
  const events = [];
  for (let fromSeq: number | undefined = 1; fromSeq !== undefined;) {
    const page: Awaited<ReturnType<typeof runtime.call<'GetEvents'>>> = await runtime.call('GetEvents', {
      sessionId,
      fromSeq,
    });
    events.push(...page.events);
    fromSeq = page.nextFromSeq;
  }
  return events;
}
