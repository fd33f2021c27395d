import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ConversationMessage, SessionEvent } from '@steward/contracts';
import { StewardError, newId } from '@steward/sdk';
import { RuntimeProcess } from '../../../app/test/support/runtime-process.ts';
import type { FaultPlan, Strike } from '../seam/plan.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** What a client of the runtime knows of a conversation over all lives of the process. */
export interface Known {
  readonly taskId: string;
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
}

/** How one life of the process ended. */
export interface LifeEnd {
  readonly kind: 'completed' | 'died' | 'stuck';
  readonly hits: readonly string[];
  readonly reason?: string;
  readonly stderr: string;
}

const taskEnds = /^task_(?:completed|failed|cancelled)$/;
const longestLifeMs = 120_000;

/** A conversation that nobody has heard of yet. */
export function unknownConversation(): Known {
  return {
    taskId: newId('task'),
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

/** The strike may be on its way when the last answer arrives; an orderly exit follows within this time. */
async function settle<T>(value: T): Promise<T> {
  await new Promise((resolve) => void setTimeout(resolve, 3_000).unref());
  return value;
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
  answerApprovals(runtime, known);
  goOnAfterPauses(runtime, known, gate);
  if (!known.shutdownAsked) {
    await again(gate, () => runtime.peer.request('StartTask', { sessionId, taskId, prompt: scenario.prompt }));
    known.taskAccepted = true;
    await Promise.race([runtime.ended(taskId), endedBefore(runtime, sessionId, taskId)]);
  }
  known.events = await allEvents(runtime, sessionId);
  known.messages = await allMessages(runtime, sessionId);
  known.ended = known.events.findLast(({ eventType }) => taskEnds.test(eventType))?.eventType ?? known.ended;
  known.shutdownAsked = true;
  await again(gate, () => runtime.peer.request('Shutdown', { completeSession: true }));
  await once(runtime.child, 'exit');
}

/** Creates or resumes the conversation; false when it had been completed by a process that died afterwards. */
async function openConversation(runtime: RuntimeProcess, world: World, known: Known, gate: string): Promise<boolean> {
  if (known.sessionId === undefined) {
    known.sessionId = (await again(gate, () => runtime.createSession(world.project))).sessionId;
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
 * A call that a full disk refused is repeated, as a person would, once there is room: a few times, since a repeated call
 * may join a write that began while there was none.
 */
async function again<T>(gate: string, call: () => Promise<T>, tries = 3): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof StewardError) || !error.retryable || tries === 0) throw error;
    writeFileSync(gate, '');
    return again(gate, call, tries - 1);
  }
}

function answerApprovals(runtime: RuntimeProcess, known: Known): void {
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
        runtime.peer.request('ApproveAction', { approvalId, actionDigest, decision: 'approved' }).then(
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
        runtime.peer.request('ResumeSession', { sessionId: known.sessionId! }).catch(() => undefined);
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
