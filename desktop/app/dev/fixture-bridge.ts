import type { ErrorBody, PatchPreview, SessionEvent, SessionHistory } from '@steward/contracts';
import type {
  Conversation,
  Diagnostics,
  HostBridge,
  HostCallName,
  HostCalls,
  HostEvent,
  HostSnapshot,
  Settings,
} from '@steward/desktop-host/contract';
import { policyAnswers } from './policy-fixture.ts';
import { clientDiff, folder, recordFailed, recordPending, recordRename, recordRunning, Recorder } from './recording.ts';

const ids = {
  done: 'sess_01JD0000000000000000000001',
  pending: 'sess_01JD0000000000000000000002',
  running: 'sess_01JD0000000000000000000003',
  failed: 'sess_01JD0000000000000000000004',
  paused: 'sess_01JD0000000000000000000005',
  crashed: 'sess_01JD0000000000000000000006',
  empty: 'sess_01JD0000000000000000000007',
  long: 'sess_01JD0000000000000000000008',
};
const alice = { userId: 'alice', tenantId: 'acme', name: 'Alice', roles: ['user'] };
const carol = { userId: 'carol', tenantId: 'acme', name: 'Carol', roles: ['admin'] };
const workspaceId = 'ws_01JD0000000000000000000001';

/** A host made of recorded events, for looking at the screens without one. Development and screenshots only. */
export function createFixtureBridge(scene: string): HostBridge {
  const listeners = new Set<(event: HostEvent) => void>();
  const sessions = recordAll();
  let settings: Settings = {
    theme: 'system',
    reduceMotion: false,
    railCollapsed: false,
    diffStyle: 'unified',
    taskOptions: { maxSteps: 40, allowNetwork: true, approvalMode: 'on_risky_actions' },
    recentFolders: [folder, '/home/alice/projects/website', '/home/alice/notes'],
  };
  const snapshot = (): HostSnapshot => ({
    appVersion: '0.1.0',
    shell: 'web',
    platform: 'linux',
    identity:
      scene === 'signed-out'
        ? { state: 'signed_out' }
        : { state: 'signed_in', user: scene === 'policy' ? carol : alice },
    runtime: { state: 'running', message: scene === 'empty' ? 'No conversation is open' : 'All services answer' },
    conversations: scene === 'empty' ? [] : conversations(sessions),
    settings,
    model: { name: 'demo-1', demo: true },
  });
  const emit = (event: HostEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const push = (sessionId: string, recorder: Recorder, from: number): void => {
    for (const event of recorder.events.slice(from)) emit({ type: 'session_event', sessionId, event });
  };

  const answers: { [K in HostCallName]?: (params: HostCalls[K]['params']) => HostCalls[K]['result'] } = {
    ...policyAnswers(),
    getSnapshot: snapshot,
    signIn: () => ({ navigateTo: '?scene=default' }),
    getEvents: ({ sessionId, fromSeq, limit = 500 }) => {
      const events = sessions[sessionId]?.events ?? [];
      const page = events.slice(fromSeq - 1, fromSeq - 1 + limit);
      const next = fromSeq + page.length;
      return { events: page, lastSeq: events.length, ...(next <= events.length ? { nextFromSeq: next } : {}) };
    },
    getConversationState: ({ sessionId }) => ({
      sessionStatus: 'WAITING_FOR_APPROVAL',
      task: null,
      usage: { inputTokens: 0, outputTokens: 0, sessionTokensUsed: 0, maxSessionTokens: 0 },
      lastSeq: 0,
      pendingApprovals: (sessions[sessionId]?.events ?? []).flatMap((event) =>
        event.eventType === 'approval_requested' ? [(event.payload as { approval: never }).approval] : [],
      ),
    }),
    startTask: ({ sessionId, prompt, taskId = 'task_x' }) => {
      const recorder = sessions[sessionId];
      if (recorder) streamAnswer(recorder, taskId, prompt, (from) => push(sessionId, recorder, from));
      return { accepted: true, task: { taskId, status: 'TASK_RUNNING', stepCount: 0, maxSteps: 40, prompt } };
    },
    approve: ({ sessionId, approvalId, decision, scope, reason }) => {
      const recorder = sessions[sessionId];
      if (recorder && decision !== 'held') {
        const from = recorder.events.length;
        recorder.add('approval_resolved', {
          approvalId,
          decision,
          ...(scope ? { scope } : {}),
          ...(reason ? { reason } : {}),
          decidedBy: { type: 'user', id: 'alice' },
        });
        push(sessionId, recorder, from);
      }
      return { approvalId, decision, first: true };
    },
    cancelTask: () => ({ cancelled: true }),
    setSettings: (params) => {
      settings = { ...settings, ...params.settings };
      emit({ type: 'snapshot', snapshot: snapshot() });
      return settings;
    },
    chooseFolder: () => ({ path: null, available: false }),
    browseFolders: ({ path = '/home/alice/projects' }) => ({
      path,
      parent: path === '/' ? null : path.replace(/\/[^/]*$/, '') || '/',
      folders: ['parcel-api', 'website', 'notes', '.config'].map((name) => ({
        name,
        path: `${path}/${name}`,
        hidden: name.startsWith('.'),
      })),
      truncated: false,
    }),
    findFileNames: ({ query }) => ({
      paths: ['src/client.ts', 'src/server/routes.ts', 'test/client.test.ts', 'README.md'].filter((path) =>
        path.toLowerCase().includes(query.toLowerCase()),
      ),
    }),
    getPatch: () => patch,
    revertFile: ({ path }) => ({ reverted: path ? [path] : patch.files.map((file) => file.path), refused: [] }),
    listWorkspaces: () => ({
      items: [
        {
          workspaceId,
          scope: 'local',
          localPath: folder,
          name: 'parcel-api',
          createdAt: ago(90),
          lastActiveAt: ago(2),
          sessionCount: 3,
        },
        {
          workspaceId: 'ws_01JD0000000000000000000002',
          scope: 'local',
          localPath: '/home/alice/projects/website',
          name: 'website',
          createdAt: ago(4000),
          lastActiveAt: ago(1600),
        },
        {
          workspaceId: 'ws_01JD0000000000000000000003',
          scope: 'general',
          localPath: null,
          name: 'General chat',
          createdAt: ago(40_000),
          lastActiveAt: ago(30_000),
        },
      ],
    }),
    listSessions: () => ({
      items: [
        {
          sessionId: 'sess_01JC0000000000000000000001',
          workspaceId,
          title: 'Rename fetchUser to loadUser',
          status: 'SESSION_COMPLETED',
          createdAt: ago(90),
          updatedAt: ago(80),
          hasHistory: true,
        },
        {
          sessionId: 'sess_01JC0000000000000000000002',
          workspaceId,
          title: 'Explain the retry logic',
          status: 'SESSION_COMPLETED',
          createdAt: ago(3000),
          updatedAt: ago(2900),
          hasHistory: true,
        },
      ],
    }),
    getHistory: () => history,
    setFolderTrust: () => ({}),
    listTrustedFolders: () => ({ paths: [folder] }),
    removeTrustedFolder: () => ({}),
    listSecrets: () => ({ items: [{ name: 'npm', allowedCommands: ['npm publish'] }], keptBy: 'file' }),
    setSecret: () => ({}),
    removeSecret: () => ({}),
    getDiagnostics: () => diagnostics,
    recoverConversation: () => null,
    openConversation: () => conversation('empty', {}),
    closeConversation: () => ({}),
    deleteWorkspace: () => ({}),
    acceptPatch: () => ({}),
    signOut: () => ({}),
  };

  return {
    invoke: async (name, params) => {
      await new Promise((resolve) => setTimeout(resolve, 15));
      const answer = answers[name] as ((params: unknown) => never) | undefined;
      if (answer) return { ok: true, result: answer(params) };
      const error: ErrorBody = {
        code: 'NOT_FOUND',
        message: `The fixture does not answer ${name}.`,
        retryable: false,
        details: {},
      };
      return { ok: false, error };
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onConnection: () => () => undefined,
  };
}

function recordAll(): Record<string, Recorder> {
  const start = Date.now() - 300_000;
  const make = (id: string, ...records: ((recorder: Recorder) => void)[]): [string, Recorder] => {
    const recorder = new Recorder(id, start);
    for (const record of records) record(recorder);
    return [id, recorder];
  };
  const many = (recorder: Recorder): void => {
    for (let index = 0; index < 500; index += 1) recordRename(recorder);
  };
  return Object.fromEntries([
    make(ids.done, recordRename),
    make(ids.pending, recordRename, recordPending),
    make(ids.running, recordRunning),
    make(ids.failed, recordFailed),
    make(ids.paused, recordRename),
    make(ids.crashed, recordRename),
    make(ids.empty),
    make(ids.long, many),
  ]);
}

function conversation(key: keyof typeof ids, change: Partial<Conversation>): Conversation {
  return {
    sessionId: ids[key],
    workspaceId,
    title: 'Rename fetchUser to loadUser',
    projectDir: folder,
    runtime: 'running',
    status: 'SESSION_RUNNING',
    model: 'demo-1',
    demoModel: true,
    policy: { state: 'active', policyName: 'Careful developer', policyBundleVersion: 7 },
    task: null,
    usage: { inputTokens: 18_000, outputTokens: 420, sessionTokensUsed: 18_420, maxSessionTokens: 400_000 },
    pause: null,
    outbox: null,
    sandbox: { kind: 'bubblewrap' },
    folderTrusted: true,
    pendingApprovals: 0,
    lastSeq: 10,
    startedAt: ago(6),
    interruption: null,
    continuedFrom: null,
    ...change,
  };
}

function conversations(sessions: Record<string, Recorder>): Conversation[] {
  const running = {
    taskId: 'task_01JD0000000000000000000001',
    status: 'EXECUTING_TOOLS',
    stepCount: 1,
    maxSteps: 40,
  } as const;
  const at = (key: keyof typeof ids): number => sessions[ids[key]]?.events.length ?? 0;
  return [
    conversation('done', { lastSeq: at('done') }),
    conversation('pending', {
      title: 'Clean the build folders',
      pendingApprovals: 2,
      task: { ...running, status: 'WAITING_FOR_APPROVAL' },
      lastSeq: at('pending'),
    }),
    conversation('running', { title: 'Explain how requests are retried', task: running }),
    conversation('failed', {
      title: 'Summarise the whole repository',
      policy: { state: 'grace', policyName: 'Careful developer', policyBundleVersion: 7 },
    }),
    conversation('paused', {
      title: 'Upgrade the parser',
      pause: {
        code: 'RATE_LIMITED',
        message: 'The model gateway does not answer.',
        since: ago(3),
        waitsFor: 'gateway',
      },
      outbox: { waiting: 3 },
    }),
    conversation('crashed', {
      title: 'Write a slugify module',
      runtime: 'crashed',
      interruption: { message: 'The process ended with signal SIGKILL in step 3.', since: ago(1) },
      continuedFrom: 'sess_01JC0000000000000000000001',
    }),
    conversation('empty', { title: 'New conversation', projectDir: folder }),
    conversation('long', { title: 'Ten thousand messages' }),
  ];
}

function streamAnswer(recorder: Recorder, taskId: string, prompt: string, push: (from: number) => void): void {
  const add = (run: () => void): void => {
    const from = recorder.events.length;
    run();
    push(from);
  };
  const messageId = recorder.id('msg');
  const answer = `You asked: ${prompt}\n\n${'This text streams word by word so that growth can be watched. '.repeat(30)}\n\n\`\`\`ts\nconst streamed = true;\n\`\`\`\n\nThat is all.`;
  add(() => {
    recorder.add('user_message', { messageId: recorder.id('msg'), content: prompt }, taskId);
    recorder.add(
      'task_started',
      { prompt, maxSteps: 40 },
      taskId,
      Math.max(120, Date.now() - Date.parse(recorder.now)),
    );
    recorder.add('step_started', { stepNumber: 1, maxSteps: 40 }, taskId);
    recorder.add('llm_request_started', { model: 'demo-1' }, taskId);
  });
  let offset = 0;
  const timer = setInterval(() => {
    const text = answer.slice(offset, offset + 12);
    if (text !== '') {
      add(() => recorder.add('text_chunk', { messageId, offset, text }, taskId));
      offset += text.length;
      return;
    }
    clearInterval(timer);
    add(() => {
      recorder.add(
        'message_completed',
        {
          message: {
            messageId,
            sessionId: recorder.sessionId,
            role: 'assistant',
            content: answer,
            timestamp: recorder.now,
          },
        },
        taskId,
      );
      recorder.add('task_completed', { stepCount: 1 }, taskId);
    });
  }, 10);
}

function ago(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

const patch: PatchPreview = {
  taskId: 'task_01JD0000000000000000000001',
  files: [
    { path: 'src/client.ts', status: 'modified', additions: 4, deletions: 3, binary: false, diff: clientDiff },
    {
      path: 'test/client.test.ts',
      status: 'modified',
      additions: 1,
      deletions: 1,
      binary: false,
      changedSince: true,
      diff: '--- a/test/client.test.ts\n+++ b/test/client.test.ts\n@@ -6,5 +6,5 @@\n \n test("reads a user", async () => {\n-  expect(await fetchUser("1")).toEqual(alice);\n+  expect(await loadUser("1")).toEqual(alice);\n });\n \n',
    },
    { path: 'assets/logo.png', status: 'added', additions: 0, deletions: 0, binary: true, diff: '' },
    { path: 'src/old.ts', status: 'reverted', additions: 0, deletions: 0, binary: false, diff: '' },
  ],
};

const history: SessionHistory = (() => {
  const recorder = new Recorder('sess_01JC0000000000000000000001', Date.now() - 5_400_000);
  recordRename(recorder);
  const messages = recorder.events.flatMap((event: SessionEvent): SessionHistory['messages'] => {
    const payload = event.payload as Record<string, never>;
    const base = { sessionId: event.sessionId, timestamp: event.timestamp };
    if (event.eventType === 'user_message')
      return [{ ...base, messageId: payload['messageId']!, role: 'user', content: payload['content']! }];
    if (event.eventType === 'message_completed') return [payload['message']!];
    if (event.eventType === 'tool_requested')
      return [
        {
          ...base,
          messageId: event.eventId,
          role: 'assistant',
          content: '',
          toolCalls: [
            { toolCallId: payload['toolCallId']!, toolName: payload['toolName']!, arguments: payload['arguments']! },
          ],
        },
      ];
    if (event.eventType === 'tool_completed')
      return [
        {
          ...base,
          messageId: event.eventId,
          role: 'tool',
          content: payload['outputText'] ?? '',
          toolCallId: payload['toolCallId']!,
          toolResult: { toolName: payload['toolName']!, status: payload['status']! },
        },
      ];
    return [];
  });
  return {
    schemaVersion: 1,
    sessionId: recorder.sessionId,
    workspaceId,
    snapshotAfterTaskId: 'task_01JD0000000000000000000001',
    title: 'Rename fetchUser to loadUser',
    messages,
  };
})();

const diagnostics: Diagnostics = {
  appVersion: '0.1.0',
  nodeVersion: 'v20.20.2',
  platform: 'linux x64',
  home: '/home/alice/.local/share/steward',
  services: [
    { name: 'session', state: 'ok', checkedAt: ago(0) },
    { name: 'policy', state: 'ok', checkedAt: ago(0) },
    { name: 'workspace', state: 'degraded', message: 'Answers take 2.4 s.', checkedAt: ago(0) },
    { name: 'audit', state: 'down', message: 'Connection refused.', checkedAt: ago(1) },
    { name: 'telemetry', state: 'unknown' },
  ],
  runtimes: [
    {
      sessionId: ids.done,
      pid: 4242,
      state: 'running',
      restarts: 0,
      version: '0.1.0',
      sandbox: { kind: 'bubblewrap' },
    },
  ],
  recentErrors: [
    { at: ago(4), source: 'outbox', message: 'Audit Service: connection refused. 3 records are waiting.' },
  ],
};
