import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildBundle } from './support/build-bundle.ts';
import { RuntimeWorld, runTask, startTask } from './support/runtime-world.ts';
import type { RuntimeProcess } from './support/runtime-process.ts';

let world: RuntimeWorld;
beforeAll(buildBundle);
beforeEach(async () => {
  world = await RuntimeWorld.create();
});
afterEach(() => world.stop());

/** Writes a line and returns the next line that is a response. */
async function exchange(
  runtime: RuntimeProcess,
  line: string,
): Promise<{ id: unknown; result?: unknown; error?: { code: number; data: { code: string } } }> {
  let rest = '';
  runtime.child.stdin.write(line + '\n');
  for (;;) {
    const [chunk] = (await once(runtime.child.stdout, 'data')) as [Buffer];
    rest += chunk.toString();
    const answer = rest.split('\n').find((text) => /^\{"jsonrpc":"2.0","id"/.test(text) && text.endsWith('}'));
    if (answer !== undefined) return JSON.parse(answer) as never;
  }
}

describe('malformed messages', () => {
  it.each([
    ['no JSON', '{nonsense', -32700],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"initialize"}]', -32600],
    ['another protocol', '{"jsonrpc":"1.0","id":1,"method":"initialize"}', -32600],
    ['an id that is none', '{"jsonrpc":"2.0","id":{},"method":"initialize","params":{}}', -32600],
    ['an unknown method', '{"jsonrpc":"2.0","id":1,"method":"ReadAnyFile","params":{}}', -32601],
    ['wrong params', '{"jsonrpc":"2.0","id":1,"method":"StartTask","params":{"prompt":7}}', -32001],
    [
      'a prompt that is too long',
      `{"jsonrpc":"2.0","id":1,"method":"StartTask","params":{"sessionId":"sess_01ARZ3NDEKTSV4RRFFQ69G5FAV","prompt":"${'x'.repeat(1_000_001)}"}}`,
      -32001,
    ],
    [
      'a frame that is too long',
      `{"jsonrpc":"2.0","id":1,"method":"StartTask","params":{"prompt":"${'x'.repeat(16 * 1024 * 1024)}"}}`,
      -32600,
    ],
  ])('%s is answered by an error and the connection lives on', async (_name, line, code) => {
    const runtime = await world.start();

    const answer = await exchange(runtime, line);
    const { sessionId } = await runtime.createSession();

    expect(answer.error?.code).toBe(code);
    expect(sessionId).toMatch(/^sess_/);
  });

  it('refuses every method before initialize and before initialized', async () => {
    const runtime = world.spawn();

    const before = await exchange(runtime, '{"jsonrpc":"2.0","id":1,"method":"GetEvents","params":{"fromSeq":1}}');
    await exchange(
      runtime,
      '{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":1,"clientInfo":{"name":"t","version":"1"}}}',
    );
    const between = await exchange(runtime, '{"jsonrpc":"2.0","id":3,"method":"GetEvents","params":{"fromSeq":1}}');

    expect([before.error?.data.code, between.error?.data.code]).toEqual([
      'PROTOCOL_NOT_INITIALIZED',
      'PROTOCOL_NOT_INITIALIZED',
    ]);
  });

  it('tells a client of a newer protocol what it speaks', async () => {
    const runtime = world.spawn();

    const answer = await exchange(
      runtime,
      '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":9,"clientInfo":{"name":"t","version":"1"}}}',
    );

    expect(answer.result).toMatchObject({ protocolVersion: 1, supportedProtocolVersions: [1] });
  });
});

describe('a session that may not begin', () => {
  const hour = 3_600_000;
  it.each([
    ['for another conversation', { sessionId: 'sess_01ARZ3NDEKTSV4RRFFQ69G5FAV' }, 'POLICY_BUNDLE_INVALID'],
    ['of an unknown schema version', { schemaVersion: 2 as never }, 'POLICY_BUNDLE_INVALID'],
    [
      'that has expired',
      { issuedAt: new Date(Date.now() - 2 * hour).toISOString(), expiresAt: new Date(Date.now() - hour).toISOString() },
      'POLICY_EXPIRED',
    ],
    [
      'from the future',
      { issuedAt: new Date(Date.now() + hour).toISOString(), expiresAt: new Date(Date.now() + 2 * hour).toISOString() },
      'POLICY_BUNDLE_INVALID',
    ],
    ['without rules for models', { llmPolicy: undefined as never }, 'POLICY_BUNDLE_INVALID'],
  ])('is refused with a policy %s', async (_name, bundle, code) => {
    world.services.bundle = bundle;
    const runtime = await world.start();

    const refused = runtime.createSession(world.project);

    await expect(refused).rejects.toMatchObject({ code });
  });

  it('is refused with a policy whose own examples fail, and is told which', async () => {
    const rule = {
      ruleId: 'asks-before-push',
      title: 'Pushing',
      capability: 'Shell.Exec' as const,
      match: { commands: ['git push'] },
      decision: 'require_approval' as const,
      examples: { match: [{ toolName: 'RunCommand', arguments: { command: 'git status' } }] },
    };
    world.services.bundle = { approvalRules: [rule], capabilities: [] };
    const runtime = await world.start();

    const refused = runtime.createSession(world.project);

    await expect(refused).rejects.toMatchObject({
      code: 'POLICY_BUNDLE_INVALID',
      message: expect.stringContaining('/approvalRules/0/examples/match/0'),
    });
  });

  it('is refused with a policy that a foreign key signed, or that was changed after signing', async () => {
    const runtime = await world.start();
    const foreign = await world.services.sign('sess_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'foreign');

    world.services.tamper = () => foreign;
    await expect(runtime.createSession(world.project)).rejects.toMatchObject({ code: 'POLICY_BUNDLE_INVALID' });
    world.services.tamper = (jws) => jws.replace(/\.(.)/, (_, first: string) => `.${first === 'e' ? 'f' : 'e'}`);
    await expect(runtime.createSession(world.project)).rejects.toMatchObject({ code: 'POLICY_BUNDLE_INVALID' });
    world.services.tamper = (jws) => jws;
    const session = await runtime.createSession(world.project);

    expect(session.sessionStatus).toBe('SESSION_CREATED');
  });

  it('is refused with a policy older than one seen before', async () => {
    world.services.bundle = { policyBundleVersion: 7 };
    const first = await world.startSession();
    await first.runtime.kill();
    world.services.bundle = { policyBundleVersion: 6 };
    const runtime = await world.start();

    const refused = runtime.createSession(world.project);

    await expect(refused).rejects.toMatchObject({
      code: 'POLICY_BUNDLE_INVALID',
      message: expect.stringContaining('older'),
    });
  });

  it('is refused with a token that the services do not accept, and begins with a fresh one', async () => {
    const runtime = world.spawn();
    await runtime.initialize('expired-or-foreign-token');

    await expect(runtime.createSession(world.project)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await runtime.peer.request('SetCredentials', { accessToken: world.services.accessToken });
    const session = await runtime.createSession(world.project);

    expect(session.sessionStatus).toBe('SESSION_CREATED');
    expect(runtime.stderr).not.toContain('expired-or-foreign-token');
  });

  it('is refused for a folder that does not exist, before anything is created', async () => {
    const runtime = await world.start();

    const refused = runtime.createSession('/no/such/folder');

    await expect(refused).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', details: { path: '/no/such/folder' } });
    expect(world.services.sessions.size).toBe(0);
  });

  it('can be tried again when the services were not there', async () => {
    world.services.intercept = (_method, path) => (path === '/sessions' ? 'drop' : undefined);
    const runtime = await world.start();

    await expect(runtime.createSession(world.project)).rejects.toMatchObject({
      code: 'INTERNAL_ERROR',
      retryable: true,
    });
    world.services.intercept = () => undefined;
    const session = await runtime.createSession(world.project);

    expect(session.sessionStatus).toBe('SESSION_CREATED');
  });

  it('is named to the client when its version is not supported', async () => {
    const details = {
      incompatibilities: [{ component: 'desktopAppVersion', version: '0.0.1', supported: '>=1', install: '1.0.0' }],
    };
    world.services.intercept = (_method, path) =>
      path === '/sessions'
        ? { status: 409, body: { code: 'CONFLICT', message: 'Install 1.0.0.', retryable: false, details } }
        : undefined;
    const runtime = await world.start();

    await expect(runtime.createSession(world.project)).rejects.toMatchObject({ code: 'CONFLICT', details });
  });
});

describe('ids that are not ours', () => {
  it('answers another conversation as one that does not exist', async () => {
    const { runtime } = await world.startSession();
    const sessionId = 'sess_01ARZ3NDEKTSV4RRFFQ69G5FAV';

    const asked = [
      runtime.peer.request('GetSessionState', { sessionId }),
      runtime.peer.request('StartTask', { sessionId, prompt: 'x' }),
      runtime.peer.request('GetEvents', { sessionId, fromSeq: 1 }),
      runtime.peer.request('GetMessages', { sessionId }),
      runtime.peer.request('GetPatchPreview', { sessionId }),
      runtime.peer.request('RevertFile', { sessionId }),
      runtime.peer.request('CancelTask', { sessionId }),
    ];

    const answers = await Promise.allSettled(asked);
    expect(
      answers.map((answer) => (answer.status === 'rejected' ? (answer.reason as { code: string }).code : 'answered')),
    ).toEqual(asked.map(() => 'SESSION_NOT_FOUND'));
  });

  it('refuses an answer to an approval that is not there, and one about another action', async () => {
    world.gateway.say([{ calls: [{ name: 'RunCommand', arguments: { command: 'node x.js' } }] }, { text: 'Done.' }]);
    const { runtime, sessionId } = await world.startSession();
    await startTask(runtime, sessionId, 'Run');
    const { approval } = (await runtime.event('approval_requested')).payload as { approval: { approvalId: string } };
    const otherDigest = `sha256:${'0'.repeat(64)}`;

    const unknown = runtime.peer.request('ApproveAction', {
      approvalId: 'appr_01ARZ3NDEKTSV4RRFFQ69G5FAV',
      actionDigest: otherDigest,
      decision: 'approved',
    });
    await expect(unknown).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const other = runtime.peer.request('ApproveAction', {
      approvalId: approval.approvalId,
      actionDigest: otherDigest,
      decision: 'approved',
    });
    await expect(other).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('a folder that vanishes', () => {
  it('pauses the session, and the task goes on when it is back', async () => {
    world.write('a.txt', 'here\n');
    world.gateway.say((_request, index) => {
      if (index > 0) return { text: 'Read.' };
      rmSync(world.project, { recursive: true });
      return { calls: [{ name: 'ReadFile', arguments: { path: 'a.txt' } }] };
    });
    const { runtime, sessionId } = await world.startSession();
    const taskId = await startTask(runtime, sessionId, 'Read it');

    const paused = await runtime.event('session_paused');
    world.write('a.txt', 'back\n');
    await runtime.peer.request('ResumeSession', { sessionId });
    const end = await runtime.ended(taskId);

    expect(paused.payload).toMatchObject({ code: 'FILE_NOT_FOUND', waitsFor: 'folder' });
    expect(end.eventType).toBe('task_completed');
    expect(world.gateway.requests[1]!.body.messages.at(-1)!.content).toContain('back');
  });
});

describe('a gateway that fails', () => {
  it.each([
    ['sends garbage', { raw: 'data: {nonsense\n\n' }],
    ['sends a page instead of a stream', { raw: '<html>busy</html>', contentType: 'text/html' }],
    ['drops the connection in the middle', { text: 'This breaks off', breakAfter: 6 }],
    ['ends the stream without an end', { raw: 'data: {"choices":[{"delta":{"content":"Half"}}]}\n\n' }],
    ['stalls in the middle', { text: 'This stalls', stallAfter: 6 }],
    ['answers with a server error', { status: 503 }],
    ['asks for patience', { status: 429, headers: { 'retry-after': '0' } }],
  ])('and %s is asked again, and the broken answer is discarded', async (_name, turn) => {
    world.gateway.say([turn, { text: 'Whole.' }]);
    const { runtime, sessionId } = await world.startSession({ STEWARD_GATEWAY_STALL_SECONDS: '0.2' });

    const end = await runTask(runtime, sessionId, 'Hello');

    const { items } = await runtime.peer.request('GetMessages', { sessionId });
    const failed = runtime.events.find(
      ({ eventType, payload }) => eventType === 'llm_request_completed' && payload['error'] !== undefined,
    );
    expect(end.eventType).toBe('task_completed');
    expect(items.map(({ content }) => content)).toEqual(['Hello', 'Whole.']);
    expect(failed?.payload).toMatchObject({ willRetryInMs: expect.any(Number) });
  });

  it('pauses the session after three tries, saves everything, and goes on when it is resumed', async () => {
    world.write('a.txt', 'x\n');
    world.gateway.say((_request, index) =>
      index === 0
        ? { calls: [{ name: 'ReadFile', arguments: { path: 'a.txt' } }] }
        : { status: 503, headers: { 'retry-after': '0' } },
    );
    const { runtime, sessionId } = await world.startSession();
    const taskId = await startTask(runtime, sessionId, 'Hello');

    const paused = await runtime.event('session_paused');
    const state = await runtime.peer.request('GetSessionState', { sessionId });
    const tries = world.gateway.requests.length;
    world.gateway.say([{ text: 'Back again.' }]);
    await runtime.peer.request('ResumeSession', { sessionId });
    const end = await runtime.ended(taskId);

    expect(tries).toBe(4);
    expect(paused.payload).toMatchObject({ waitsFor: 'gateway' });
    expect(state).toMatchObject({
      sessionStatus: 'SESSION_PAUSED',
      task: { taskId, stepCount: 2 },
      pause: { waitsFor: 'gateway' },
    });
    expect(end).toMatchObject({ eventType: 'task_completed', payload: { stepCount: 2 } });
  });

  it('is not asked again when it refuses the content', async () => {
    world.gateway.say([{ status: 400, body: '{"error":{"message":"Not this.","code":"content_filter"}}' }]);
    const { runtime, sessionId } = await world.startSession();

    const end = await runTask(runtime, sessionId, 'Something bad');

    expect(end).toMatchObject({
      eventType: 'task_failed',
      payload: { error: { code: 'LLM_GUARDRAIL_BLOCKED', message: expect.stringContaining('Not this.') } },
    });
    expect(world.gateway.requests).toHaveLength(1);
  });
});

describe('a model that errs', () => {
  it.each([
    ['arguments that are no JSON', { name: 'ReadFile', arguments: '{"path": ' }, 'INVALID_REQUEST'],
    ['arguments that do not fit', { name: 'ReadFile', arguments: { file: 'a.txt' } }, 'INVALID_REQUEST'],
    ['a tool that does not exist', { name: 'FormatDisk', arguments: {} }, 'TOOL_NOT_FOUND'],
    ['a file that does not exist', { name: 'ReadFile', arguments: { path: 'none.txt' } }, 'FILE_NOT_FOUND'],
    ['a forbidden command', { name: 'RunCommand', arguments: { command: 'sudo ls' } }, 'CAPABILITY_DENIED'],
  ])('is told about %s and can correct itself', async (_name, call, code) => {
    world.gateway.say([{ calls: [call] }, { text: 'I see.' }]);
    const { runtime, sessionId } = await world.startSession();

    const end = await runTask(runtime, sessionId, 'Try');

    expect(end.eventType).toBe('task_completed');
    expect(world.gateway.requests[1]!.body.messages.at(-1)!.content).toMatch(new RegExp(`^${code}: `));
  });
});
