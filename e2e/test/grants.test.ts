import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Grant, GrantNarrowing, SessionHandshake } from '@steward/contracts';
import { grantOfSession, narrowGrant, narrowSealedGrant, openGrant, sealGrant } from '@steward/policy-engine';
import { createProject } from '../support/project.ts';
import { startRecordingRelay } from '../support/recording-relay.ts';
import { RuntimeClient } from '../support/runtime-client.ts';
import { asPolicyAdmin, serviceFetch } from '../support/services.ts';
import type { ServiceAnswer } from '../support/services.ts';
import { Stack, temporaryFolder } from '../support/stack.ts';
import { startToolCallingGateway } from '../support/tool-calling-gateway.ts';

const counted = '{"lines":1,"words":2,"characters":7,"bytes":7}';
const countArguments = { text: 'one two' };

describe('a grant that is handed on to the Backend Tool Service', () => {
  const home = temporaryFolder('home');
  const project = temporaryFolder('project');
  let stack: Stack;
  let gateway: Awaited<ReturnType<typeof startToolCallingGateway>>;
  let relay: Awaited<ReturnType<typeof startRecordingRelay>>;
  const clients: RuntimeClient[] = [];
  beforeAll(async () => {
    createProject(project.path);
    [stack, gateway] = await Promise.all([Stack.start(home.path, { stackOnly: true }), startToolCallingGateway()]);
    relay = await startRecordingRelay(stack, new URL(stack.ready.services.tools).origin);
  }, 600_000);
  afterAll(async () => {
    for (const client of clients) await client.kill().catch(() => undefined);
    await stack?.stop();
    await gateway?.close();
    await relay?.close();
    home.cleanUp();
    project.cleanUp();
  });

  /** A session of a person with the signed bundle that its handshake gave. */
  const handshake = async (user: string): Promise<{ jws: string; sessionId: string }> => {
    const answer = await serviceFetch(stack, `${stack.ready.services.session}/sessions`, {
      method: 'POST',
      token: await stack.token(user),
      body: {
        executionEnvironment: 'desktop',
        workspaceHint: {},
        clientInfo: { desktopAppVersion: '0.1.0', localAgentHostVersion: '0.1.0', osFamily: 'Linux' },
        supportedCapabilities: ['BackendTool.Invoke'],
      },
    });
    const { policyBundle, sessionId } = answer.json as SessionHandshake;
    return { jws: policyBundle, sessionId };
  };
  const invoke = async (grant: string | undefined, user = 'alice', tool = 'text.count'): Promise<ServiceAnswer> =>
    serviceFetch(stack, `${stack.ready.services.tools}/tools/${tool}/invoke`, {
      method: 'POST',
      token: await stack.token(user),
      body: {
        arguments: tool === 'text.count' ? countArguments : {},
        ...(grant === undefined ? {} : { grant }),
      },
    });
  const said = ({ status, json }: ServiceAnswer): [number, string | undefined] => [
    status,
    (json as { code?: string }).code,
  ];
  const grantOf = ({ jws, sessionId }: { jws: string; sessionId: string }, ...links: GrantNarrowing[]): Grant =>
    links.reduce<Grant>(
      (parent, narrowing) => narrowGrant(parent, { by: 'runtime', at: new Date().toISOString(), narrowing }),
      grantOfSession(jws, sessionId),
    );
  const onlyCount: GrantNarrowing = {
    capabilities: ['BackendTool.Invoke'],
    toolNames: ['backend/text.count'],
  };

  it('travels with the call of the model, leaves that tool alone and helps nobody else [grant-1]', async () => {
    gateway.calls = [{ name: 'backend__text-count', arguments: countArguments }];
    const runtime = await RuntimeClient.start(stack, await stack.token('alice'), {
      LLM_GATEWAY_ENDPOINT: gateway.endpoint,
      STEWARD_MODEL: 'steward-demo',
      TOOLS_SERVICE_URL: `${relay.url}/v1`,
    });
    clients.push(runtime);
    runtime.answerApprovals('approved');
    const { sessionId } = await runtime.createSession(project.path);
    const offered = await runtime.event('remote_tools_changed');

    const { task } = await runtime.call('StartTask', {
      sessionId,
      prompt: 'Count it.',
      taskOptions: { maxSteps: 5, approvalMode: 'on_risky_actions' },
    });
    const done = await runtime.event('tool_completed');
    await runtime.event('task_completed');

    const sent = relay.requests.find(({ method }) => method === 'POST')!;
    const [jws = '', chain = ''] = String(sent.body['grant']).split('~');
    const grant = openGrant(chain, jws);
    expect(offered.payload).toEqual({
      offered: ['backend/json.format', 'backend/text.count', 'backend/text.diff', 'backend/time.now'],
      problems: [],
    });
    expect(done.payload).toMatchObject({ toolName: 'backend/text.count', status: 'succeeded', outputText: counted });
    expect(grant).toMatchObject({ sessionId });
    expect(grant!.links.map(({ by, taskId, narrowing }) => [by, taskId, Object.keys(narrowing).sort()])).toEqual([
      ['runtime', task.taskId, ['approvalMode']],
      ['runtime', task.taskId, ['approvalMode', 'capabilities', 'expiresAt', 'toolNames']],
    ]);
    expect(said(await invoke(`${jws}~${chain}`))).toEqual([200, undefined]);
    expect(said(await invoke(`${jws}~${chain}`, 'alice', 'time.now'))).toEqual([403, 'CAPABILITY_DENIED']);
    expect(said(await invoke(`${jws}~${chain}`, 'bob'))).toEqual([403, 'CAPABILITY_DENIED']);
  }, 600_000);

  it('is refused when it is missing, widened, cut, expired or of another session or person [grant-2]', async () => {
    const [mine, other, bobs] = [await handshake('alice'), await handshake('alice'), await handshake('bob')];
    const task = sealGrant(grantOf(mine, onlyCount), mine.jws);
    const later = (narrowing: GrantNarrowing): string =>
      narrowSealedGrant(task, { by: 'app', at: new Date().toISOString(), narrowing }) ?? '';
    const [, code = ''] = task.split('.');
    const pretended = Buffer.from(JSON.stringify(grantOf(mine, {}))).toString('base64url');
    const cases: Record<string, [string | undefined, string?, string?]> = {
      'as it is': [`${mine.jws}~${task}`],
      'narrowed once more': [`${mine.jws}~${later({ expiresAt: '2999-01-01T00:00:00.000Z' })}`],
      missing: [undefined],
      'for another tool': [`${mine.jws}~${task}`, 'alice', 'time.now'],
      'a link that would widen it': [
        `${mine.jws}~${later({ toolNames: ['backend/*', 'backend/time.now'] })}`,
        'alice',
        'time.now',
      ],
      'a link that was replaced': [`${mine.jws}~${pretended}.${code}`, 'alice', 'time.now'],
      'a chain that was emptied': [`${mine.jws}~`],
      expired: [`${mine.jws}~${later({ expiresAt: '2020-01-01T00:00:00.000Z' })}`],
      'without network': [`${mine.jws}~${later({ allowNetwork: false })}`],
      'a chain under the bundle of another session': [`${other.jws}~${task}`],
      'by somebody else': [`${mine.jws}~${task}`, 'bob'],
      'of somebody else': [`${bobs.jws}~${sealGrant(grantOf(bobs, onlyCount), bobs.jws)}`],
    };

    const answers: Record<string, unknown> = {};
    for (const [name, [grant, user, tool]] of Object.entries(cases))
      answers[name] = said(await invoke(grant, user, tool));

    expect(answers).toEqual({
      'as it is': [200, undefined],
      'narrowed once more': [200, undefined],
      missing: [403, 'CAPABILITY_DENIED'],
      'for another tool': [403, 'CAPABILITY_DENIED'],
      'a link that would widen it': [403, 'CAPABILITY_DENIED'],
      'a link that was replaced': [422, 'POLICY_BUNDLE_INVALID'],
      'a chain that was emptied': [422, 'POLICY_BUNDLE_INVALID'],
      expired: [403, 'CAPABILITY_DENIED'],
      'without network': [403, 'CAPABILITY_DENIED'],
      'a chain under the bundle of another session': [422, 'POLICY_BUNDLE_INVALID'],
      'by somebody else': [403, 'CAPABILITY_DENIED'],
      'of somebody else': [403, 'CAPABILITY_DENIED'],
    });
  }, 600_000);

  it('counts no longer once its session, its policy or external actions were stopped [grant-3]', async () => {
    const [first, second] = [await handshake('alice'), await handshake('alice')];
    const grants = [first, second].map(
      (session) => `${session.jws}~${sealGrant(grantOf(session, onlyCount), session.jws)}`,
    );
    /** What was taken back is heard within a second or so; the answer is waited for. */
    const until = async (grant: string, code: string | undefined): Promise<string | undefined> => {
      for (;;) {
        const [, found] = said(await invoke(grant));
        if (found === code) return found;
      }
    };
    const before = await Promise.all(grants.map(async (grant) => said(await invoke(grant))));

    await asPolicyAdmin(stack, 'POST', '/revocations', {
      kind: 'session_revoked',
      sessionId: first.sessionId,
      reason: 'Lost.',
    });
    const revoked = await until(grants[0]!, 'PERMISSION_DENIED');
    const untouched = said(await invoke(grants[1]!));
    await asPolicyAdmin(stack, 'PUT', '/kill-switch', { active: true, reason: 'An incident.' });
    const stopped = await until(grants[1]!, 'KILL_SWITCH_ACTIVE');
    await asPolicyAdmin(stack, 'PUT', '/kill-switch', { active: false, reason: 'It is over.' });
    const again = await until(grants[1]!, undefined);

    expect(before).toEqual([
      [200, undefined],
      [200, undefined],
    ]);
    expect([revoked, untouched, stopped, again]).toEqual([
      'PERMISSION_DENIED',
      [200, undefined],
      'KILL_SWITCH_ACTIVE',
      undefined,
    ]);
  }, 600_000);
});
