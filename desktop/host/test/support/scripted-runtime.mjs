/**
 * A tiny agent runtime for tests: speaks the real protocol on stdio, keeps its events in a journal folder, and does
 * what the prompt says. `crash` ends it mid-task, `garbage` writes nonsense between two events, `repeat` sends an event
 * twice, `hole` leaves one out. What it was given is appended to `runtime-seen.ndjson` in its home.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers';

const home = process.env.STEWARD_HOME;
const mode = process.env.SCRIPT ?? '';
const ulid = (number) => String(number).padStart(26, '0');
const sessions = join(home, 'runtime', 'sessions');
let sessionId;
let events = [];

const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const saw = (fact) => appendFileSync(join(home, 'runtime-seen.ndjson'), `${JSON.stringify(fact)}\n`);
const journal = () => join(sessions, sessionId, 'events.ndjson');

function make(eventType, payload, extra = {}) {
  const seq = events.length + 1;
  const event = {
    eventId: `evt_${ulid(process.pid * 1000 + seq)}`,
    sessionId,
    eventType,
    timestamp: new Date().toISOString(),
    seq,
    payload,
    ...extra,
  };
  events.push(event);
  appendFileSync(journal(), `${JSON.stringify(event)}\n`);
  return event;
}
const send = (event) => write({ method: 'SessionEvent', params: event });
const emit = (...args) => send(make(...args));

function session(extra = {}) {
  return {
    sessionId,
    workspaceId: `ws_${ulid(1)}`,
    sessionStatus: 'SESSION_RUNNING',
    policy: { state: 'active', policyName: 'Careful developer', policyBundleVersion: 1 },
    featureFlags: { approvalUiEnabled: true, mcpEnabled: false, contextSummaries: false },
    model: 'scripted',
    demoModel: true,
    lastSeq: events.length,
    ...extra,
  };
}

const methods = {
  initialize: (params) => {
    saw({ initialize: params, env: process.env });
    if (mode === 'never') return undefined;
    return {
      protocolVersion: 1,
      runtimeInfo: { name: 'scripted', version: '9.9.9' },
      supportedProtocolVersions: [1],
      capabilities: {},
      tools: [],
    };
  },
  SetSecrets: (params) => (saw({ secrets: params }), {}),
  SetFolderTrust: (params) => {
    saw({ trust: params });
    emit('folder_trust_changed', { trusted: params.trusted });
    return { trusted: params.trusted, changed: true };
  },
  SetCredentials: (params) => (saw({ credentials: params }), {}),
  CreateSession: (params) => {
    const isFirst = !readFileSync(join(home, 'runtime-seen.ndjson'), 'utf8').includes('"create":');
    saw({ create: params });
    if (mode === 'die-once' && isFirst) process.exit(1);
    if (mode === 'refuse')
      throw {
        code: -32002,
        message: 'no',
        data: { code: 'UNAUTHORIZED', message: 'The token is not valid.', retryable: false, details: {} },
      };
    sessionId = `sess_${ulid(process.pid)}`;
    mkdirSync(join(sessions, sessionId), { recursive: true });
    emit('session_created', { workspaceId: `ws_${ulid(1)}` });
    emit('session_started', { model: 'scripted', demoModel: true });
    return session();
  },
  ResumeSession: (params) => {
    saw({ resume: params });
    sessionId = params.sessionId;
    if (!existsSync(journal()))
      throw {
        code: -32003,
        message: 'no',
        data: { code: 'SESSION_NOT_FOUND', message: 'There is no journal.', retryable: false, details: {} },
      };
    events = readFileSync(journal(), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    if (mode === 'rewind') events = events.slice(0, -1);
    emit('session_resumed', { recovered: true });
    return session();
  },
  StartTask: ({ prompt, taskId = `task_${ulid(1)}` }) => {
    setImmediate(() => work(prompt, taskId));
    return { task: { taskId, status: 'TASK_RUNNING', stepCount: 0, maxSteps: 40, prompt }, accepted: true };
  },
  ApproveAction: (params) => (
    saw({ approve: params }),
    { approvalId: params.approvalId, decision: params.decision, first: true }
  ),
  GetSessionState: () => ({
    sessionStatus: 'SESSION_RUNNING',
    task: null,
    pendingApprovals: [],
    usage: { inputTokens: 1, outputTokens: 2, sessionTokensUsed: 3, maxSessionTokens: 100 },
    lastSeq: events.length,
    sandbox: { kind: 'none', reason: 'it is a test' },
  }),
  GetEvents: ({ fromSeq, limit = 500 }) => {
    // A runtime that has compacted its journal knows the newest event only.
    if (mode === 'forgetful') return { events: events.slice(-1), lastSeq: events.length };
    const page = events.slice(fromSeq - 1, fromSeq - 1 + limit);
    const next = fromSeq + page.length;
    return { events: page, lastSeq: events.length, ...(next <= events.length ? { nextFromSeq: next } : {}) };
  },
  GetMessages: () => ({ items: [] }),
  GetPatchPreview: () => undefined,
  Shutdown: (params) => {
    saw({ shutdown: params });
    if (mode === 'stubborn') return undefined;
    if (params.completeSession && sessionId) rmSync(join(sessions, sessionId), { recursive: true, force: true });
    setImmediate(() => process.exit(0));
    return {};
  },
};

function work(prompt, taskId) {
  const extra = { taskId };
  emit('task_started', { prompt, maxSteps: 40 }, extra);
  if (prompt === 'crash') return process.kill(process.pid, 'SIGKILL');
  if (prompt === 'garbage') process.stdout.write('this is not json\n{"jsonrpc":"1.0"}\n[]\n');
  const chunk = make('text_chunk', { messageId: `msg_${ulid(1)}`, offset: 0, text: 'Hello' }, extra);
  if (prompt !== 'hole') send(chunk);
  if (prompt === 'repeat') send(chunk);
  emit('task_completed', { stepCount: 1 }, extra);
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    if (id === undefined || method === undefined) return;
    try {
      const result = methods[method]?.(params);
      if (result !== undefined) write({ id, result });
    } catch (error) {
      write({ id, error });
    }
  })
  .on('close', () => {
    if (mode !== 'stubborn') process.exit(0);
  });
if (mode === 'stubborn') {
  process.on('SIGTERM', () => undefined);
  setInterval(() => undefined, 1000);
}
process.stderr.write(`${JSON.stringify({ level: 'info', message: 'scripted runtime is up' })}\n`);
