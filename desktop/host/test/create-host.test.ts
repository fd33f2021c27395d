import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { HostEvent, StackDescription } from '../src/index.ts';
import { startIdentityProvider } from './support/identity-provider.ts';
import type { TestIdentityProvider } from './support/identity-provider.ts';
import { ManualTime } from './support/manual-timers.ts';
import { openTestHost } from './support/signed-in-host.ts';
import type { TestHost } from './support/signed-in-host.ts';
import { startWorkspaceService } from './support/workspace-service.ts';
import { scriptedCommand, seenBy, temporaryHome } from './support/temporary-home.ts';
import type { TemporaryHome } from './support/temporary-home.ts';

const sessionEvent =
  (eventType: string) =>
  (event: HostEvent): boolean =>
    event.type === 'session_event' && event.event.eventType === eventType;
const runtimeState =
  (state: string) =>
  (event: HostEvent): boolean =>
    event.type === 'snapshot' && event.snapshot.conversations[0]?.runtime === state;

describe('the host', () => {
  let provider: TestIdentityProvider;
  let home: TemporaryHome;
  let project: string;
  const opened: TestHost[] = [];

  const open = async (changes: Parameters<typeof openTestHost>[2] = {}): Promise<TestHost> => {
    const test = await openTestHost(home.path, provider, changes);
    opened.push(test);
    return test;
  };
  const scripted = (script: string): Partial<StackDescription> => ({
    runtime: { command: scriptedCommand, env: { STEWARD_HOME: home.path, SCRIPT: script } },
  });
  const openSignedIn = async (changes: Parameters<typeof openTestHost>[2] = {}): Promise<TestHost> => {
    const test = await open(changes);
    await test.signIn();
    return test;
  };

  beforeEach(async () => {
    provider = await startIdentityProvider();
    home = await temporaryHome();
    project = join(home.path, 'project');
    await mkdir(join(project, 'src'), { recursive: true });
    await writeFile(join(project, 'src', 'client.ts'), '');
  });
  afterEach(async () => {
    for (const { host } of opened.splice(0)) await host.stop();
    await provider.stop();
    await home.remove();
  });

  it('answers unknown calls, wrong params and inner failures as error bodies without insides', async () => {
    const { host } = await open({ deps: { chooseFolder: () => Promise.reject(new Error('/secret/path')) } });

    const replies = await Promise.all([
      host.call('dropTables', {}),
      host.call('startTask', { sessionId: 'x' }),
      host.call('getPatch', { sessionId: 'sess_00000000000000000000000009' }),
      host.call('chooseFolder', {}),
    ]);

    expect(replies.map((reply) => (reply.ok ? 'ok' : reply.error.code))).toEqual([
      'INVALID_REQUEST',
      'INVALID_REQUEST',
      'SESSION_NOT_FOUND',
      'INTERNAL_ERROR',
    ]);
    expect(JSON.stringify(replies)).not.toContain('secret');
  });

  it('opens no conversation before someone has signed in', async () => {
    const { host } = await open();

    const reply = await host.call('openConversation', { projectDir: null });

    expect(reply).toMatchObject({ ok: false, error: { code: 'UNAUTHORIZED' } });
  });

  it('opens a conversation in a folder and passes on its events in order', async () => {
    const { call, events } = await openSignedIn();

    const conversation = await call('openConversation', { projectDir: project });
    await call('startTask', { sessionId: conversation.sessionId, prompt: 'Rename the client' });
    await events.until(sessionEvent('task_completed'));

    const seqs = events.items.flatMap((event) => (event.type === 'session_event' ? [event.event.seq] : []));
    const snapshot = await call('getSnapshot', {});
    expect(seqs).toEqual([1, 2, 3, 4, 5]);
    expect(conversation).toMatchObject({ projectDir: project, runtime: 'running', model: 'scripted', demoModel: true });
    expect(snapshot).toMatchObject({
      shell: 'web',
      identity: { state: 'signed_in', user: { userId: 'alice' } },
      runtime: { state: 'running' },
      settings: { recentFolders: [project] },
      conversations: [{ title: 'Rename the client', task: { status: 'TASK_COMPLETED' }, lastSeq: 5 }],
    });
  });

  it('answers events that the runtime has compacted from its own copy', async () => {
    const { call, events } = await openSignedIn({ stack: scripted('forgetful') });
    const { sessionId } = await call('openConversation', { projectDir: null });
    await call('startTask', { sessionId, prompt: 'hello' });
    await events.until(sessionEvent('task_completed'));

    const page = await call('getEvents', { sessionId, fromSeq: 2, limit: 3 });

    expect([page.events.map((event) => event.seq), page.nextFromSeq]).toEqual([[2, 3, 4], 5]);
  });

  it('says in words why a folder can’t be used', async () => {
    const { host } = await openSignedIn();

    const replies = await Promise.all(
      [join(home.path, 'gone'), join(project, 'src', 'client.ts'), 'relative'].map((projectDir) =>
        host.call('openConversation', { projectDir }),
      ),
    );

    expect(replies.map((reply) => (reply.ok ? '' : reply.error.message))).toEqual([
      expect.stringContaining('does not exist'),
      expect.stringContaining('is a file'),
      expect.stringContaining('not an absolute path'),
    ]);
  });

  it('passes the runtime’s refusal on and leaves no conversation behind', async () => {
    const { host, call } = await openSignedIn({ stack: scripted('refuse') });

    const reply = await host.call('openConversation', { projectDir: null });

    expect(reply).toMatchObject({ ok: false, error: { code: 'UNAUTHORIZED', message: 'The token is not valid.' } });
    expect((await call('getSnapshot', {})).conversations).toEqual([]);
  });

  it('asks a second runtime for the same session where the first dies before it answers', async () => {
    const { call } = await openSignedIn({ stack: scripted('die-once') });

    const { runtime } = await call('openConversation', { projectDir: project });

    const created = (await home.seen()).flatMap(({ create }) => (create === undefined ? [] : [create]));
    expect(runtime).toBe('running');
    expect(created).toHaveLength(2);
    expect(created[0]).toEqual(created[1]);
    expect(created[0]).toMatchObject({ idempotencyKey: expect.stringMatching(/^req_/) });
  });

  it('shows a crashed conversation from its own copy, and resumes it', async () => {
    const { call, events } = await openSignedIn();
    const { sessionId } = await call('openConversation', { projectDir: project });

    await call('startTask', { sessionId, prompt: 'crash' });
    await events.until(runtimeState('crashed'));
    const [crashed] = (await call('getSnapshot', {})).conversations;
    const shown = await call('getEvents', { sessionId, fromSeq: 1 });
    const resumed = await call('recoverConversation', { sessionId, action: 'resume' });
    await events.until(sessionEvent('session_resumed'));

    expect(crashed?.interruption?.message).toContain('ended unexpectedly');
    expect(shown.events.map((event) => event.eventType)).toEqual([
      'session_created',
      'session_started',
      'task_started',
    ]);
    expect(resumed).toMatchObject({ sessionId, runtime: 'running', interruption: null });
    expect(await home.seen()).toContainEqual({
      resume: { sessionId, continueTask: true, folderTrusted: false },
    });
  });

  it('starts fresh in the same folder and completes the old session behind the scenes', async () => {
    const { call, events, host } = await openSignedIn();
    const { sessionId } = await call('openConversation', { projectDir: project });
    await call('startTask', { sessionId, prompt: 'crash' });
    await events.until(runtimeState('crashed'));

    const fresh = await call('recoverConversation', { sessionId, action: 'start_fresh' });
    const { conversations } = await call('getSnapshot', {});
    await host.stop();

    expect(fresh).toMatchObject({ projectDir: project, runtime: 'running' });
    expect(conversations.map((conversation) => conversation.sessionId)).toEqual([fresh?.sessionId]);
    expect(await home.seen()).toContainEqual({ resume: { sessionId, continueTask: false } });
  });

  it('offers open conversations again after a restart, and drops those that ended', async () => {
    const first = await openSignedIn();
    const kept = await first.call('openConversation', { projectDir: project });
    await first.call('startTask', { sessionId: kept.sessionId, prompt: 'Remember me' });
    await first.events.until(sessionEvent('task_completed'));
    const closed = await first.call('openConversation', { projectDir: null });
    await first.call('closeConversation', { sessionId: closed.sessionId });
    await first.host.stop();

    const second = await open();
    const { conversations } = await second.call('getSnapshot', {});
    const { events } = await second.call('getEvents', { sessionId: kept.sessionId, fromSeq: 1 });

    expect(conversations).toEqual([
      expect.objectContaining({
        sessionId: kept.sessionId,
        title: 'Remember me',
        runtime: 'stopped',
        interruption: expect.objectContaining({ message: expect.stringContaining('Resume') }),
      }),
    ]);
    expect(events.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(await home.seen()).toContainEqual({ shutdown: { completeSession: true } });
  });

  it('stops the runtimes at sign-out and hides the conversations from whoever comes next', async () => {
    const { call } = await openSignedIn();
    await call('openConversation', { projectDir: project });

    await call('signOut', {});

    const snapshot = await call('getSnapshot', {});
    expect(snapshot).toMatchObject({ identity: { state: 'signed_out' }, conversations: [] });
    expect(await home.seen()).toContainEqual({ shutdown: { completeSession: false } });
  });

  it('gives a running runtime each fresh access token', async () => {
    const time = new ManualTime();
    const { call } = await openSignedIn({ deps: { timers: time, clock: time } });
    await call('openConversation', { projectDir: null });

    time.advance(9 * 60_000);

    await seenBy(home, (fact) => 'credentials' in fact);
    const given = (await home.seen()).flatMap((fact) => JSON.stringify(fact).match(/eyJ[\w.-]+/g) ?? []);
    expect(new Set(given).size).toBe(2);
  });

  it('meets one refusal of a service with a fresh token', async () => {
    const refused = { status: 401, json: { code: 'UNAUTHORIZED', message: 'Revoked.', retryable: false, details: {} } };
    const service = await startWorkspaceService({ 'GET /workspaces?limit=50': [refused, { json: { items: [] } }] });
    const { call } = await openSignedIn({ stack: { services: { workspace: service.url } } });

    const page = await call('listWorkspaces', {});
    await service.stop();

    const tokens = service.seen
      .filter((request) => request.path !== '/healthz')
      .map((request) => request.authorization);
    expect(page).toEqual({ items: [] });
    expect([tokens.length, new Set(tokens).size]).toEqual([2, 2]);
  });

  it('hands an approval to the runtime as it is', async () => {
    const { call } = await openSignedIn();
    const { sessionId } = await call('openConversation', { projectDir: null });
    const answer = {
      sessionId,
      approvalId: 'appr_00000000000000000000000001',
      actionDigest: `sha256:${'a'.repeat(64)}`,
      decision: 'denied' as const,
      reason: 'Not here.',
    };

    const result = await call('approve', answer);

    expect(result).toEqual({ approvalId: answer.approvalId, decision: 'denied', first: true });
    expect(await home.seen()).toContainEqual({ approve: answer });
  });

  it('finds file names in the conversation’s folder and nowhere else', async () => {
    const { call } = await openSignedIn();
    const inFolder = await call('openConversation', { projectDir: project });
    const general = await call('openConversation', { projectDir: null });

    const found = await call('findFileNames', { sessionId: inFolder.sessionId, query: 'CLIENT' });
    const none = await call('findFileNames', { sessionId: general.sessionId, query: '' });

    expect([found, none]).toEqual([{ paths: ['src/client.ts'] }, { paths: [] }]);
  });

  it('tells a picture of itself for diagnostics, without secrets', async () => {
    const { call } = await openSignedIn({
      stack: { services: { session: 'http://127.0.0.1:9/v1' } },
    });
    await call('openConversation', { projectDir: null });

    const diagnostics = await call('getDiagnostics', {});

    expect(diagnostics.services).toEqual([
      expect.objectContaining({ name: 'session', state: 'down' }),
      expect.objectContaining({ name: 'identity', state: 'ok' }),
    ]);
    expect(diagnostics.runtimes).toEqual([
      expect.objectContaining({
        state: 'running',
        version: '9.9.9',
        sandbox: { kind: 'none', reason: 'it is a test' },
        restarts: 0,
      }),
    ]);
    expect(JSON.stringify(diagnostics)).not.toMatch(/eyJ/);
  });

  it('keeps settings over a restart, changing only what was named', async () => {
    const first = await open();
    await first.call('setSettings', { settings: { theme: 'dark' } });
    await first.call('setSettings', { settings: { diffStyle: 'split' } });
    await first.host.stop();

    const second = await open();

    expect((await second.call('getSnapshot', {})).settings).toMatchObject({
      theme: 'dark',
      diffStyle: 'split',
      railCollapsed: false,
    });
  });
});
