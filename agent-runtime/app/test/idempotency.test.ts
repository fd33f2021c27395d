import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { methods } from '@steward/contracts';
import type { RpcRequests, SessionEvent } from '@steward/contracts';
import { ConnectionClosedError, newId } from '@steward/sdk';
import { buildBundle } from './support/build-bundle.ts';
import { clientInfo, supportedCapabilities } from './support/runtime-process.ts';
import type { RuntimeProcess } from './support/runtime-process.ts';
import { RuntimeWorld, until } from './support/runtime-world.ts';
import type { Turn } from './support/scripted-gateway.ts';

type Method = keyof RpcRequests & string;
/** How often a request is sent: once, again after its answer, or twice before any answer. */
type Repetition = 'once' | 'again' | 'together';

const worlds: RuntimeWorld[] = [];
beforeAll(buildBundle);
afterEach(() => Promise.all(worlds.splice(0).map((world) => world.stop())));

const run = (command: string): Turn => ({ calls: [{ name: 'RunCommand', arguments: { command } }] });
const write = (path: string): Turn => ({ calls: [{ name: 'WriteFile', arguments: { path, content: 'made\n' } }] });
/** What the model says, by the number of its answer. */
const script: readonly Turn[] = [
  write('first.txt'),
  run('echo ran >> effects.log'),
  { text: 'One.' },
  write('second.txt'),
  { text: 'Two.' },
  run('echo begun >> effects.log; sleep 600'),
  { text: 'Never said.' },
];
const asksAlways = { maxSteps: 10, allowNetwork: true, approvalMode: 'always' } as const;
/** How text is cut into pieces and when services answer depends on time. */
const ofTime = new Set(['text_chunk', 'tool_output_chunk', 'outbox_changed']);

/** A conversation in which every request of the contract is sent, in an order in which each has something to do. */
class Conversation {
  readonly world: RuntimeWorld;
  readonly runtime: RuntimeProcess;
  readonly tasks = [newId('task'), newId('task'), newId('task')] as const;
  readonly key = newId('req');
  sessionId = '';
  checkpointId = '';
  planDigest = '';
  readonly #repetition: Repetition;

  constructor(world: RuntimeWorld, repetition: Repetition) {
    this.world = world;
    this.runtime = world.spawn();
    this.#repetition = repetition;
    world.gateway.say(script);
  }

  /** Sends a request as often as this conversation does; resolves with its first answer. */
  async send<M extends Method>(method: M, params: RpcRequests[M]['params']): Promise<RpcRequests[M]['result']> {
    const one = (): Promise<RpcRequests[M]['result']> => this.runtime.peer.request(method, params as never) as never;
    if (this.#repetition === 'together') return (await Promise.all([one(), one().catch(unlessGone)]))[0];
    const answer = await one();
    if (this.#repetition === 'again') await one().catch(unlessGone);
    return answer;
  }

  /** What is changed outside of the conversation at this moment. */
  effects(): Readonly<Record<string, unknown>> {
    const { gateway, services, project } = this.world;
    return {
      requests: gateway.requests.length,
      sessions: services.sessions.size,
      files: readdirSync(project).sort(),
      ran: this.#ran(),
    };
  }

  /** What was told and stored in the end; ids are left out, since they differ from run to run. */
  end(): Readonly<Record<string, unknown>> {
    const { services } = this.world;
    const ofEach = (rows: Iterable<{ status?: unknown }>): unknown[] => [...rows].map(({ status }) => status);
    const told = this.runtime.events.filter(({ eventType }) => !ofTime.has(eventType));
    return {
      events: told.map(({ eventType }) => eventType),
      sequences: told.length - new Set(told.map(({ seq }) => seq)).size,
      audited: services.events.size - new Set([...services.events.keys()]).size,
      sessions: ofEach(services.sessions.values()),
      tasks: ofEach(services.tasks.values() as Iterable<{ status?: unknown }>),
      approvals: ofEach(services.approvals.values() as Iterable<{ status?: unknown }>),
      messages: services.historyOf(this.sessionId)?.messages.map(({ role, content }) => [role, content]),
      conflicts: services.conflicts,
      kept: existsSync(join(this.world.home, 'runtime', 'sessions', this.sessionId)),
    };
  }

  /** The n-th question of the conversation, once it is asked. */
  async asked(nth: number): Promise<{ approvalId: string; actionDigest: string; decision: 'approved' }> {
    const questions = (): SessionEvent[] =>
      this.runtime.events.filter(({ eventType }) => eventType === 'approval_requested');
    await until(() => questions().length >= nth);
    const { approvalId, actionDigest } = questions()[nth - 1]!.payload['approval'] as {
      approvalId: string;
      actionDigest: string;
    };
    return { approvalId, actionDigest, decision: 'approved' };
  }

  /** Starts a task once, for what comes next. */
  async start(nth: 1 | 2, options: Pick<RpcRequests['StartTask']['params'], 'taskOptions'>): Promise<string> {
    const taskId = this.tasks[nth];
    const { sessionId } = this;
    await this.runtime.peer.request('StartTask', { sessionId, taskId, prompt: `Task ${nth}`, ...options });
    return taskId;
  }

  async began(): Promise<void> {
    await until(() => this.#ran().includes('begun'));
  }

  #ran(): string {
    const log = join(this.world.project, 'effects.log');
    return existsSync(log) ? readFileSync(log, 'utf8') : '';
  }
}

/** Whoever asks a process to end a second time may find it gone. */
const unlessGone = (error: unknown): never => {
  if (error instanceof ConnectionClosedError) return undefined as never;
  throw error;
};

/** One request for each method of the contract, in the order of the conversation. */
const cases: { readonly [M in Method]: (it: Conversation) => Promise<unknown> } = {
  initialize: async (it) => {
    const credentials = { accessToken: it.world.services.accessToken };
    await it.send('initialize', { protocolVersion: 1, clientInfo: { name: 'test', version: '1' }, credentials });
    it.runtime.peer.notify('initialized', {});
    it.runtime.peer.notify('initialized', {});
  },
  SetCredentials: (it) => it.send('SetCredentials', { accessToken: it.world.services.accessToken }),
  CreateSession: async (it) => {
    const { sessionId } = await it.send('CreateSession', creation(it));
    it.sessionId = sessionId;
  },
  SetSecrets: (it) => it.send('SetSecrets', { secrets: [{ name: 'deploy', value: 'a-secret-value' }] }),
  SetFolderTrust: (it) => it.send('SetFolderTrust', { sessionId: it.sessionId, trusted: true }),
  GetSessionState: (it) => it.send('GetSessionState', { sessionId: it.sessionId }),
  StartTask: async (it) => {
    const [taskId] = it.tasks;
    await it.send('StartTask', { sessionId: it.sessionId, taskId, prompt: 'Task 0', taskOptions: asksAlways });
    await it.runtime.peer.request('ApproveAction', await it.asked(1));
    await it.asked(2);
  },
  ApproveAction: async (it) => {
    await it.send('ApproveAction', await it.asked(2));
    await it.runtime.ended(it.tasks[0]);
  },
  GetPatchPreview: (it) => it.send('GetPatchPreview', { sessionId: it.sessionId, taskId: it.tasks[0] }),
  RevertFile: (it) => it.send('RevertFile', { sessionId: it.sessionId, taskId: it.tasks[0], path: 'first.txt' }),
  AcceptPatch: async (it) => {
    const taskId = await it.start(1, {});
    await it.runtime.ended(taskId);
    await it.send('AcceptPatch', { sessionId: it.sessionId, taskId });
  },
  GetEvents: (it) => it.send('GetEvents', { sessionId: it.sessionId, fromSeq: 1 }),
  GetMessages: (it) => it.send('GetMessages', { sessionId: it.sessionId }),
  GetCheckpoints: async (it) => {
    const { items } = await it.send('GetCheckpoints', { sessionId: it.sessionId });
    it.checkpointId = items.find(({ kind, prompt }) => kind === 'before_prompt' && prompt === 'Task 1')!.checkpointId;
  },
  GetRewindPlan: async (it) => {
    const { sessionId, checkpointId } = it;
    ({ planDigest: it.planDigest } = await it.send('GetRewindPlan', { sessionId, checkpointId }));
  },
  Rewind: (it) => {
    const { sessionId, checkpointId, planDigest } = it;
    return it.send('Rewind', { sessionId, checkpointId, planDigest });
  },
  CancelTask: async (it) => {
    const taskId = await it.start(2, { taskOptions: asksAlways });
    await it.runtime.peer.request('ApproveAction', await it.asked(3));
    await it.began();
    await it.send('CancelTask', { sessionId: it.sessionId, taskId, force: true });
    await it.runtime.ended(taskId);
  },
  ResumeSession: (it) => it.send('ResumeSession', { sessionId: it.sessionId }),
  Shutdown: async (it) => {
    const exited = once(it.runtime.child, 'exit');
    await it.send('Shutdown', { completeSession: true });
    await exited;
  },
};

const creation = ({ world, key }: Conversation): RpcRequests['CreateSession']['params'] => ({
  executionEnvironment: 'desktop',
  clientInfo,
  supportedCapabilities: [...supportedCapabilities],
  workspaceHint: { localPaths: [world.project] },
  idempotencyKey: key,
});

async function play(repetition: Repetition): Promise<{ method: string; effects: unknown }[]> {
  const world = await RuntimeWorld.create();
  worlds.push(world);
  const conversation = new Conversation(world, repetition);
  const played: { method: string; effects: unknown }[] = [];
  for (const [method, act] of Object.entries(cases)) {
    await act(conversation);
    played.push({ method, effects: conversation.effects() });
  }
  return [...played, { method: 'all', effects: conversation.end() }];
}

describe('a request that is repeated', () => {
  it('has a case here for every method of the contract', () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(methods.requests).sort());
  });

  it.each(['again', 'together'] as const)(
    'has the effect of one, whichever of the methods it is (%s)',
    async (repetition) => {
      const [one, two] = [await play('once'), await play(repetition)];

      expect(two).toEqual(one);
      expect(one.at(-1)).toMatchObject({
        effects: { sessions: ['SESSION_COMPLETED'], conflicts: [], kept: false },
      });
    },
    600_000,
  );

  it('makes one session when its runtime died between the answer of the service and its own journal', async () => {
    const world = await RuntimeWorld.create();
    worlds.push(world);
    const first = new Conversation(world, 'once');
    await cases.initialize(first);
    world.services.afterwards = (method, path) => {
      if (method !== 'POST' || path !== '/sessions') return undefined;
      first.runtime.child.kill('SIGKILL');
      return 'drop';
    };
    const lost = first.runtime.peer.request('CreateSession', creation(first));
    await expect(lost).rejects.toBeInstanceOf(ConnectionClosedError);
    world.services.afterwards = () => undefined;

    const second = await world.start();
    const { sessionId } = await second.peer.request('CreateSession', creation(first));

    expect([...world.services.sessions.keys()]).toEqual([sessionId]);
    expect(world.services.conflicts).toEqual([]);
  });

  it('goes on with the session when its runtime died after it had told its client', async () => {
    const world = await RuntimeWorld.create();
    worlds.push(world);
    const first = new Conversation(world, 'once');
    await cases.initialize(first);
    await cases.CreateSession(first);
    await cases.StartTask(first);
    await first.runtime.kill();

    const second = await world.start();
    const { sessionId, interruptedTask } = await second.peer.request('CreateSession', creation(first));

    expect([...world.services.sessions.keys()]).toEqual([sessionId]);
    expect(sessionId).toBe(first.sessionId);
    expect(interruptedTask).toMatchObject({ taskId: first.tasks[0] });
  });
});
