import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ConversationMessage, SessionEvent } from '@steward/contracts';
import { ConnectionClosedError, StewardError, newId } from '@steward/sdk';
import { RuntimeProcess } from '../../../app/test/support/runtime-process.ts';
import type { FaultPlan, Strike } from '../seam/plan.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** What a client of the runtime knows of a conversation over all lives of the process. */
export interface Known {
  readonly taskId: string;
  /** The same in every life, so that a call whose answer was lost makes no second conversation. */
  readonly idempotencyKey: string;
  sessionId: string | undefined;
  /** Events that reached the client, in the order they came, of each life. */
  readonly heard: SessionEvent[][];
  /** Approvals whose answer was confirmed. */
  readonly approved: Set<string>;
  taskAccepted: boolean;
  shutdownAsked: boolean;
  /** Name of the event that ended the task. */
  ended: string;
  events: SessionEvent[];
  messages: ConversationMessage[];
  pauses: number;
  warnings: string[];
  /** Ended processes that a runtime never looked after. */
  zombies: string[];
}

/** How one life of the process ended. */
export interface LifeEnd {
  readonly kind: 'completed' | 'died' | 'stuck';
  readonly hits: readonly string[];
  readonly reason?: string;
  readonly stderr: string;
}

const taskEnds = /^task_(?:completed|failed|cancelled)$/;
/** Generous, since only a finding is ever waited out. */
const longestLifeMs = 300_000;
const longestExitMs = 60_000;
const longestLeftoversMs = 120_000;
/** Between tries of a call that was refused because a disk is full or a service is just coming back. */
const tryAgainAfterMs = [0, 50, 100, 200, 400, 800, 1_600, 3_200];

/** A conversation that nobody has heard of yet. */
export function unknownConversation(): Known {
  return {
    taskId: newId('task'),
    idempotencyKey: newId('req'),
    sessionId: undefined,
    heard: [],
    approved: new Set(),
    taskAccepted: false,
    shutdownAsked: false,
    ended: '',
    events: [],
    messages: [],
    pauses: 0,
    warnings: [],
    zombies: [],
  };
}

/** Starts a runtime with strikes, and drives the conversation on from wherever it is until its end or the process's. */
export async function live(
  world: World,
  scenario: Scenario,
  known: Known,
  strikes: readonly Strike[],
  runtimeFile: string,
): Promise<LifeEnd> {
  const number = known.heard.length;
  const planFile = join(world.control, `plan-${number}.json`);
  const hits = join(world.control, `hits-${number}.log`);
  const gate = join(world.control, `gate-${number}`);
  const plan: FaultPlan = { hits, gate, home: world.home, strikes };
  writeFileSync(planFile, JSON.stringify(plan));
  const runtime = RuntimeProcess.spawn({ env: { ...world.env, STEWARD_TORTURE: planFile }, file: runtimeFile });
  known.heard.push(runtime.events);
  const exited = once(runtime.child, 'exit').then(() => 'exited' as const);
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<'stuck'>((resolve) => {
    timer = setTimeout(() => resolve('stuck'), longestLifeMs);
  });
  let failure: unknown;
  const driven = drive(runtime, world, scenario, known, gate).then(
    () => 'driven' as const,
    (error: unknown) => {
      failure = error;
      return 'failed' as const;
    },
  );
  const first = await Promise.race([driven, exited, tooLong]);
  const end = first === 'driven' || first === 'failed' ? await Promise.race([exited, settle(first)]) : first;
  clearTimeout(timer);
  const alive = runtime.child.exitCode === null && runtime.child.signalCode === null;
  if (alive) await runtime.kill();
  const result = {
    hits: existsSync(hits) ? readFileSync(hits, 'utf8').split('\n').slice(0, -1) : [],
    stderr: runtime.stderr,
  };
  if (end === 'stuck') return { ...result, kind: 'stuck', reason: 'The process answered nothing any more.' };
  if (!alive && runtime.child.signalCode === 'SIGKILL') return { ...result, kind: 'died' };
  if (first === 'driven' || (await Promise.race([driven, settle('none' as const)])) === 'driven')
    return { ...result, kind: 'completed' };
  return { ...result, kind: 'stuck', reason: describe(failure) };
}

/** A death that was struck may be on its way when a call fails; a process that stays is a finding. */
async function settle<T>(value: T): Promise<T> {
  await new Promise((resolve) => void setTimeout(resolve, longestExitMs).unref());
  return value;
}

/**
 * One more life, without strikes, for what the services did not take before the conversation ended: opens another
 * conversation, after which the runtime sends what is left of the ended one and removes its folder. Returns why the
 * folder is still there, if it is.
 */
export async function sendLeftovers(world: World, known: Known, runtimeFile: string): Promise<string | undefined> {
  const folder = join(world.home, 'runtime', 'sessions', known.sessionId ?? '');
  if (known.sessionId === undefined || !existsSync(folder)) return undefined;
  const runtime = RuntimeProcess.spawn({ env: world.env, file: runtimeFile });
  try {
    await runtime.initialize(world.services.accessToken);
    await again('', () => runtime.createSession(world.project));
    for (const limit = performance.now() + longestLeftoversMs; existsSync(folder); await pause(20))
      if (performance.now() > limit)
        return `What the ended conversation could not send still waits: ${readdirSync(folder).join(', ')}. ${runtime.stderr.slice(-600)}`;
    return undefined;
  } catch (error) {
    return `The conversation after the ended one could not be opened: ${describe(error)} ${runtime.stderr.slice(-600)}`;
  } finally {
    await runtime.kill();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

async function drive(
  runtime: RuntimeProcess,
  world: World,
  scenario: Scenario,
  known: Known,
  gate: string,
): Promise<void> {
  await runtime.initialize(world.services.accessToken);
  if (!(await openConversation(runtime, world, known, gate))) return;
  const sessionId = known.sessionId!;
  const { taskId } = known;
  answerApprovals(runtime, known, gate);
  goOnAfterPauses(runtime, known, gate);
  if (!known.shutdownAsked) {
    await again(gate, () => runtime.peer.request('StartTask', { sessionId, taskId, prompt: scenario.prompt }));
    known.taskAccepted = true;
    await Promise.race([runtime.ended(taskId), endedBefore(runtime, sessionId, taskId)]);
  }
  known.events = await allEvents(runtime, sessionId);
  known.messages = await allMessages(runtime, sessionId);
  known.ended = known.events.findLast(({ eventType }) => taskEnds.test(eventType))?.eventType ?? known.ended;
  known.zombies.push(...(await world.zombiesOf(runtime.child.pid ?? 0)));
  known.shutdownAsked = true;
  await again(gate, () => runtime.peer.request('Shutdown', { completeSession: true }));
  await once(runtime.child, 'exit');
}

/** Creates or resumes the conversation; false when it had been completed by a process that died afterwards. */
async function openConversation(runtime: RuntimeProcess, world: World, known: Known, gate: string): Promise<boolean> {
  if (known.sessionId === undefined) {
    const { idempotencyKey } = known;
    const { sessionId } = await again(gate, () => runtime.createSession(world.project, { idempotencyKey }));
    known.sessionId = sessionId;
    return true;
  }
  const sessionId = known.sessionId;
  try {
    const { warnings = [] } = await again(gate, () => runtime.peer.request('ResumeSession', { sessionId }));
    known.warnings.push(...warnings);
    return true;
  } catch (error) {
    if (!known.shutdownAsked || !(error instanceof StewardError) || error.code !== 'SESSION_NOT_FOUND') throw error;
    await runtime.stop();
    return false;
  }
}

/**
 * A call that a full disk or a missing service refused is repeated, as a person would, once there is room: a few times,
 * since a repeated call may join a write that began while there was none.
 */
async function again<T>(gate: string, call: () => Promise<T>): Promise<T> {
  for (const waitMs of tryAgainAfterMs) {
    try {
      return await call();
    } catch (error) {
      const refused = error instanceof StewardError && error.retryable && !(error instanceof ConnectionClosedError);
      if (!refused) throw error;
      if (gate !== '') writeFileSync(gate, '');
      await pause(waitMs);
    }
  }
  return call();
}

function answerApprovals(runtime: RuntimeProcess, known: Known, gate: string): void {
  const asked = new Set<string>();
  const answer = (): void => {
    void runtime
      .event(({ eventType, payload }) => {
        const { approvalId } = (payload['approval'] ?? {}) as { approvalId?: string };
        return eventType === 'approval_requested' && approvalId !== undefined && !asked.has(approvalId);
      })
      .then(({ payload }) => {
        const { approvalId, actionDigest } = payload['approval'] as { approvalId: string; actionDigest: string };
        asked.add(approvalId);
        const params = { approvalId, actionDigest, decision: 'approved' } as const;
        again(gate, () => runtime.peer.request('ApproveAction', params)).then(
          () => known.approved.add(approvalId),
          () => undefined,
        );
        answer();
      });
  };
  answer();
}

function goOnAfterPauses(runtime: RuntimeProcess, known: Known, gate: string): void {
  let seen = 0;
  const wait = (): void => {
    void runtime
      .event(({ eventType, seq }) => eventType === 'session_paused' && seq > seen)
      .then(({ seq }) => {
        seen = seq;
        known.pauses += 1;
        writeFileSync(gate, '');
        again(gate, () => runtime.peer.request('ResumeSession', { sessionId: known.sessionId! })).catch(
          () => undefined,
        );
        wait();
      });
  };
  wait();
}

/** The task may have ended in an earlier life, of which no event comes any more. */
async function endedBefore(runtime: RuntimeProcess, sessionId: string, taskId: string): Promise<void> {
  const { task } = await runtime.peer.request('GetSessionState', { sessionId });
  const ended = task?.taskId === taskId && /^TASK_(COMPLETED|FAILED|CANCELLED)$/.test(task.status);
  if (!ended) await new Promise(() => undefined);
}

async function allEvents(runtime: RuntimeProcess, sessionId: string): Promise<SessionEvent[]> {
  const found: SessionEvent[] = [];
  for (let fromSeq: number | undefined = 1; fromSeq !== undefined;) {
    const page: { events: SessionEvent[]; nextFromSeq?: number } = await runtime.peer.request('GetEvents', {
      sessionId,
      fromSeq,
      limit: 1000,
    });
    found.push(...page.events);
    fromSeq = page.nextFromSeq;
  }
  return found;
}

async function allMessages(runtime: RuntimeProcess, sessionId: string): Promise<ConversationMessage[]> {
  const { items } = await runtime.peer.request('GetMessages', { sessionId, limit: 200 });
  return items;
}

function describe(error: unknown): string {
  if (error instanceof StewardError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
