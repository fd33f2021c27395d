import type { ConversationMessage, SessionEvent } from '@steward/contracts';
import type { Known } from './life.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** What the unbroken run of a scenario gave. */
export interface Reference {
  readonly thread: readonly ThreadLine[];
  readonly tree: Readonly<Record<string, string>>;
}

/** One message of the thread without anything that differs from run to run. */
export interface ThreadLine {
  readonly role: string;
  readonly content: string;
  readonly calls: string;
  readonly toolName: string;
  readonly toolCallId: string;
}

/** What is wrong after a run, in words, and what was honestly reported as unknown. */
export interface Verdict {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly wrong: readonly string[];
  readonly unknown: number;
  readonly proved: number;
  /** Ended processes that no runtime took leave of. */
  readonly zombies: number;
}

/** How far the comparison may be lenient, because of what was done to the run. */
export interface Allowances {
  /** A tool may have failed because the disk did. */
  readonly toolFailures: boolean;
  /** The machine lost power, so what was shown but not flushed may be gone. */
  readonly powerLost: boolean;
}

const fileTools = new Set(['WriteFile', 'EditFile', 'DeleteFile']);
const unknownText = "whether it took effect can't be proved";
const provedText = 'was not run again';
/** Events that do not leave the machine. */
const localEvents = new Set(['text_chunk', 'tool_output_chunk', 'outbox_changed', 'stream_gap', 'patch_updated']);

/** The thread in comparable lines. */
export function threadOf(world: World, messages: readonly ConversationMessage[]): ThreadLine[] {
  return messages.map(({ role, content, toolCalls = [], toolResult, toolCallId = '' }) => ({
    role,
    content: world.normalise(content),
    calls: world.normalise(JSON.stringify(toolCalls.map(({ toolName, arguments: args }) => [toolName, args]))),
    toolName: toolResult?.toolName ?? '',
    toolCallId,
  }));
}

/** Compares the end of a run with the unbroken one. Changes nothing. */
export function judge(
  world: World,
  scenario: Scenario,
  known: Known,
  reference: Reference,
  allow: Allowances,
): Verdict {
  const lost: string[] = [];
  const doubled: string[] = [];
  const wrong: string[] = [];
  const { unknownCalls, failedCalls, proved } = compareThread(world, known, reference, allow, wrong);
  const lenient = unknownCalls.length > 0 || failedCalls > 0;
  for (const token of scenario.tokens) {
    const count = world.effectCount(token);
    if (count > 1) doubled.push(`The effect ${token} happened ${count} times.`);
    if (count === 0 && !lenient) lost.push(`The effect ${token} did not happen.`);
  }
  if (failedCalls === 0 && JSON.stringify(world.tree()) !== JSON.stringify(reference.tree))
    wrong.push(`The files differ: ${JSON.stringify(world.tree()).slice(0, 400)}`);
  checkSequence(known, lost, doubled);
  if (!allow.powerLost) checkHeard(known, lost, doubled);
  checkBackend(world, known, lost, doubled, wrong);
  checkProcesses(world, known, wrong);
  for (const callId of unknownCalls) {
    const told = known.events.filter(
      ({ eventType, payload }) => eventType === 'effect_unknown' && payload['toolCallId'] === callId,
    ).length;
    if (told !== 1) wrong.push(`The unknown effect of ${callId} was told ${told} times.`);
  }
  return { lost, doubled, wrong, unknown: unknownCalls.length, proved, zombies: known.zombies.length };
}

/** A task that was cancelled ended in order: every call has one result and one end, and nothing of it runs on. */
export function judgeCancelled(world: World, scenario: Scenario, known: Known): Verdict {
  const lost: string[] = [];
  const doubled: string[] = [];
  const wrong: string[] = [];
  const results = new Map(
    known.messages.flatMap((message) => (message.role === 'tool' ? [[message.toolCallId, message]] : [])),
  );
  for (const { toolCalls = [] } of known.messages)
    for (const { toolCallId } of toolCalls)
      if (!results.has(toolCallId)) lost.push(`The call ${toolCallId} has no result.`);
  if (known.ended !== 'task_cancelled') wrong.push(`The task ended by ${known.ended}.`);
  for (const token of scenario.tokens)
    if (world.effectCount(token) > 1) doubled.push(`The effect ${token} happened ${world.effectCount(token)} times.`);
  checkSequence(known, lost, doubled);
  checkHeard(known, lost, doubled);
  checkProcesses(world, known, wrong);
  const unknown = known.events.filter(({ eventType }) => eventType === 'effect_unknown').length;
  return { lost, doubled, wrong, unknown, proved: 0, zombies: known.zombies.length };
}

function checkProcesses(world: World, { zombies }: Known, wrong: string[]): void {
  if (zombies.length > 0) wrong.push(`The runtime never took leave of processes that ended: ${zombies.join(', ')}.`);
  const left = world.processesLeft();
  if (left.length > 0) wrong.push(`Processes of commands are still alive: ${left.join(', ')}.`);
}

function compareThread(
  world: World,
  { messages }: Known,
  reference: Reference,
  allow: Allowances,
  wrong: string[],
): { unknownCalls: string[]; failedCalls: number; proved: number } {
  const actual = threadOf(world, messages);
  const unknownCalls: string[] = [];
  let failedCalls = 0;
  let proved = 0;
  if (actual.length !== reference.thread.length)
    wrong.push(`The thread has ${actual.length} messages instead of ${reference.thread.length}.`);
  for (const [index, line] of actual.entries()) {
    const expected = reference.thread[index];
    if (expected === undefined) break;
    const same = line.role === expected.role && line.calls === expected.calls && line.toolName === expected.toolName;
    if (same && line.content === expected.content) continue;
    if (same && line.role === 'tool' && line.content.includes(unknownText)) {
      if (fileTools.has(line.toolName)) wrong.push(`${line.toolName} was called unknown although its file proves it.`);
      unknownCalls.push(line.toolCallId);
    } else if (same && line.role === 'tool' && line.content.includes(provedText)) proved += 1;
    else if (same && line.role === 'tool' && allow.toolFailures) failedCalls += 1;
    else
      wrong.push(
        `Message ${index + 1} differs: ${line.role} ${line.toolName} ${line.content.slice(0, 200)} ${line.calls.slice(0, 100)} instead of ${expected.content.slice(0, 200)}`,
      );
  }
  return { unknownCalls, failedCalls, proved };
}

/** The sequence has no gap, no event twice, and every call that was asked for ended once. */
function checkSequence({ events }: Known, lost: string[], doubled: string[]): void {
  const first = events.find(({ eventType }) => eventType !== 'stream_gap')?.seq ?? 1;
  const real = events.filter(({ eventType }) => eventType !== 'stream_gap');
  real.forEach(({ seq }, index) => {
    if (seq !== first + index) lost.push(`Event ${first + index} is missing; ${seq} came instead.`);
  });
  if (new Set(real.map(({ eventId }) => eventId)).size !== real.length) doubled.push('An event has come twice.');
  if (first !== 1) return;
  const ended = new Map<unknown, number>();
  for (const { eventType, payload } of real)
    if (eventType === 'tool_completed') ended.set(payload['toolCallId'], (ended.get(payload['toolCallId']) ?? 0) + 1);
  for (const [callId, count] of ended) if (count > 1) doubled.push(`The call ${String(callId)} ended ${count} times.`);
  for (const { eventType, payload } of real)
    if (eventType === 'tool_requested' && !ended.has(payload['toolCallId']))
      lost.push(`The end of the call ${String(payload['toolCallId'])} was never told.`);
  if (real.filter(({ eventType }) => /^task_(?:completed|failed|cancelled)$/.test(eventType)).length !== 1)
    doubled.push('The task did not end exactly once.');
}

/** What a client has heard is still there, under the same sequence, and each life told it once and in order. */
function checkHeard({ heard, events }: Known, lost: string[], doubled: string[]): void {
  const bySeq = new Map(events.map((event) => [event.seq, event.eventId]));
  const firstKept = events[0]?.seq ?? 1;
  const lastKept = events.at(-1)?.seq ?? 0;
  for (const life of heard) {
    let last = 0;
    for (const { seq, eventId } of life) {
      if (seq <= last) doubled.push(`Event ${seq} was sent after ${last}.`);
      last = seq;
      if (seq >= firstKept && seq <= lastKept && bySeq.get(seq) !== eventId)
        lost.push(`Event ${seq}, which a client had seen, is another one now.`);
    }
  }
}

/** Everything reached the services once; nothing else did. */
function checkBackend(world: World, known: Known, lost: string[], doubled: string[], wrong: string[]): void {
  const { services } = world;
  const sessionId = known.sessionId ?? '';
  const stored = [...services.events.values()].filter((event) => event.sessionId === sessionId);
  const seqs = stored.map(({ payload }) => Number((payload as { seq?: number })['seq']));
  if (new Set(seqs).size !== seqs.length) doubled.push('The Audit Service holds two events with one sequence number.');
  for (const event of known.events) checkAudited(event, services.events.has(event.eventId), lost);
  if (!stored.some(({ eventType }) => eventType === 'session_completed'))
    lost.push('The Audit Service does not know that the conversation ended.');
  const task = services.tasks.get(known.taskId);
  if (task?.['status'] !== 'TASK_COMPLETED')
    lost.push(`The Session Service says the task is ${String(task?.['status'])}.`);
  if (services.sessions.get(sessionId)?.status !== 'SESSION_COMPLETED')
    lost.push('The Session Service does not know that the conversation ended.');
  const history = services.historyOf(sessionId);
  const ids = (messages: readonly { messageId: string }[] = []): string =>
    messages.map(({ messageId }) => messageId).join();
  if (ids(history?.messages) !== ids(known.messages)) lost.push('The saved history is not the thread.');
  for (const approvalId of known.approved)
    if (services.approvals.get(approvalId)?.['status'] !== 'approved')
      lost.push(`The Approval Service does not know the answer to ${approvalId}.`);
  for (const key of services.conflicts) wrong.push(`The idempotency key ${key} was used for two different requests.`);
}

function checkAudited(event: SessionEvent, stored: boolean, lost: string[]): void {
  if (!stored && !localEvents.has(event.eventType))
    lost.push(`The Audit Service never got event ${event.seq}, ${event.eventType}.`);
}
