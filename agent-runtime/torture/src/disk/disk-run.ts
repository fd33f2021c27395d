import { SessionStore } from '@steward/agent-host';
import { StewardError } from '@steward/sdk';
import type { MemoryDisk } from './memory-disk.ts';

/** How a session on a failing disk went. */
export interface DiskRun {
  readonly problems: readonly string[];
  readonly pauses: number;
  readonly deaths: number;
  /** Faults that were met, in all lives. */
  readonly met: number;
  /** Operations of the first life. */
  readonly operations: number;
  /** Effects that had happened when the process died before it wrote so down, and were not made again. */
  readonly proved: number;
}

const path = '/disk/home/runtime/sessions/s/journal.log';
const sessionId = 'sess_01HZZZZZZZZZZZZZZZZZZZZZZZ';
const steps = 8;
const mostPauses = 6;
const clock = { now: () => new Date('2026-11-21T06:00:00.000Z'), monotonicMs: () => 0 };

/**
 * Plays one scripted session on a disk over all of its deaths: events, an intent on the disk before each effect, its
 * outcome, what a service gets, compactions. The first disk is followed by those that `next` gives after each death.
 */
export async function playSession(first: MemoryDisk, next: (dead: MemoryDisk) => MemoryDisk): Promise<DiskRun> {
  const player = new Player();
  const disks = [first];
  for (let disk = first; !(await player.live(disk));) {
    if (disks.length > 6) {
      player.problems.push('The session did not end in any of its lives.');
      break;
    }
    disk = next(disk);
    disks.push(disk);
  }
  return {
    problems: player.problems,
    pauses: player.pauses,
    deaths: disks.length - 1,
    met: disks.reduce((sum, { met }) => sum + met, 0),
    operations: first.operations,
    proved: player.proved,
  };
}

class Player {
  readonly problems: string[] = [];
  pauses = 0;
  proved = 0;
  #nextId = 0;
  /** Text of every event by its sequence, as it was last emitted. */
  readonly #emitted = new Map<number, string>();
  /** Everything up to here was confirmed. */
  #confirmed = 0;
  readonly #effects = new Map<string, number>();
  /** What a service has stored: event ids by sequence. */
  readonly #served = new Map<number, string>();

  /** One life of the process; false when it died. */
  async live(disk: MemoryDisk): Promise<boolean> {
    const pausesBefore = this.pauses;
    let store: SessionStore | undefined;
    try {
      store = await this.#open(disk, pausesBefore);
      this.#check(store);
      for (let step = resultsOf(store); step < steps; step += 1) await this.#step(store, disk, step);
      await this.#sync(store, disk);
      this.#checkEnd(store);
      await store.close();
      return true;
    } catch (error) {
      await store?.close();
      if (disk.dead) return false;
      this.problems.push(`The session ended with ${String(error)}.`);
      return true;
    }
  }

  async #open(disk: MemoryDisk, pausesBefore: number): Promise<SessionStore> {
    for (;;) {
      try {
        const opened = await SessionStore.open(path, sessionId, {
          files: disk,
          clock,
          newId: (prefix) => `${prefix}_${String((this.#nextId += 1)).padStart(26, '0')}` as never,
          compactAtBytes: 4_000,
          keepEvents: 12,
        });
        if (opened.keptAside !== undefined) this.problems.push('The journal was found damaged.');
        if (opened.damagedParts.length > 0) this.problems.push('A sealed part was found damaged.');
        return opened.store;
      } catch (error) {
        this.#paused(disk, error, pausesBefore);
      }
    }
  }

  async #step(store: SessionStore, disk: MemoryDisk, step: number): Promise<void> {
    const callId = `tc_${String(step).padStart(26, '0')}`;
    if (store.state.messages.length === step * 2) {
      this.#note(store.emit('step_started', { stepNumber: step, maxSteps: steps }));
      for (let part = 0; part < 3; part += 1)
        this.#note(store.emit('text_chunk', { messageId: `m${step}`, offset: part, text: `part ${part} of ${step}` }));
      this.#message(store, 'assistant', `answer ${step}`);
    }
    if (!store.state.outcomes.has(callId)) {
      await this.#effect(store, disk, callId);
      store.record('outcome', {
        toolCallId: callId,
        proof: 'done',
        result: { toolName: 'WriteFile', status: 'succeeded', outputText: 'done' } as never,
      });
    }
    this.#message(store, 'tool', `result ${step}`, callId);
    await this.#send(store, disk);
    await store.compactIfLarge();
    if (disk.dead) throw new Error('dead');
  }

  /** The intent is on the disk before the effect; an effect that is proved is not made again. */
  async #effect(store: SessionStore, disk: MemoryDisk, toolCallId: string): Promise<void> {
    const known = store.state.effects.has(toolCallId);
    if (known && this.#effects.has(toolCallId)) {
      this.proved += 1;
      return;
    }
    const taskId = 'task_01HZZZZZZZZZZZZZZZZZZZZZZZ';
    const toolName = 'WriteFile';
    if (!known)
      store.record('intent', {
        toolCallId,
        taskId,
        stepId: 's',
        toolName,
        actionDigest: 'd',
        intent: { toolCallId, taskId, toolName },
      });
    await this.#sync(store, disk);
    if (!disk.surelyHolds(path, toolCallId))
      this.problems.push(`The effect ${toolCallId} happened before its intent was on the disk.`);
    this.#effects.set(toolCallId, (this.#effects.get(toolCallId) ?? 0) + 1);
  }

  /** What a service gets is on the disk before. */
  async #send(store: SessionStore, disk: MemoryDisk): Promise<void> {
    const from = store.state.auditedSeq + 1;
    const events = store.readEvents(from, 1000);
    await this.#sync(store, disk);
    for (const [index, json] of events.entries()) {
      const { eventId, seq } = JSON.parse(json) as { eventId: string; seq: number };
      if (seq !== from + index) this.problems.push(`Event ${seq} was read where ${from + index} was due.`);
      const before = this.#served.get(seq);
      if (before !== undefined && before !== eventId)
        this.problems.push(`A service got two events with number ${seq}.`);
      this.#served.set(seq, eventId);
    }
    store.record('audited', { seq: from + events.length - 1 });
  }

  /** Waits, through pauses, until everything is on the disk. */
  async #sync(store: SessionStore, disk: MemoryDisk): Promise<void> {
    const pausesBefore = this.pauses;
    for (;;) {
      const covered = store.state.lastSeq;
      try {
        await store.sync();
        this.#confirmed = Math.max(this.#confirmed, covered);
        return;
      } catch (error) {
        this.#paused(disk, error, pausesBefore);
      }
    }
  }

  #paused(disk: MemoryDisk, error: unknown, before: number): void {
    if (disk.dead) throw error;
    this.pauses += 1;
    if (!(error instanceof StewardError) || !error.retryable || this.pauses - before > mostPauses) throw error;
    disk.release();
  }

  #message(store: SessionStore, role: 'assistant' | 'tool', content: string, toolCallId?: string): void {
    const message = {
      messageId: `msg_${store.state.messages.length}`,
      sessionId,
      role,
      content,
      timestamp: '2026-11-21T06:00:00.000Z',
      ...(toolCallId === undefined ? {} : { toolCallId }),
    };
    this.#note(store.emit('message_completed', { message }));
  }

  #note(event: { readonly seq: number }): void {
    this.#emitted.set(event.seq, JSON.stringify(event));
  }

  /** What a new process finds is what was written, whole up to some event, and nothing confirmed is missing. */
  #check(store: SessionStore): void {
    const { state } = store;
    if (state.lastSeq < this.#confirmed)
      this.problems.push(`Lost: event ${this.#confirmed} was confirmed, and ${state.lastSeq} is the last one now.`);
    const found = store.readEvents(store.firstSeq, 1000);
    if (found.length !== state.lastSeq - store.firstSeq + 1) this.problems.push('Events can not be read back.');
    for (const [index, json] of found.entries())
      if (json !== this.#emitted.get(store.firstSeq + index))
        this.problems.push(`Event ${store.firstSeq + index} is another one than was written.`);
    for (const seq of this.#served.keys())
      if (seq > state.lastSeq) this.problems.push(`A service has event ${seq}, of which this machine knows nothing.`);
    const results = resultsOf(store);
    for (const callId of this.#effects.keys())
      if (!state.effects.has(callId) && Number(callId.slice(3)) >= results)
        this.problems.push(`The effect ${callId} happened, and nothing is known of it.`);
    for (const seq of [...this.#emitted.keys()]) if (seq > state.lastSeq) this.#emitted.delete(seq);
    this.#checkThread(store);
  }

  #checkThread(store: SessionStore): void {
    const { length } = store.state.messages;
    const messages = [...store.messagesFrom()];
    if (messages.length !== length) this.problems.push(`${messages.length} of ${length} messages can be read back.`);
    for (const [index, { content }] of messages.entries()) {
      const expected = `${index % 2 === 0 ? 'answer' : 'result'} ${Math.floor(index / 2)}`;
      if (content !== expected) this.problems.push(`Message ${index} says "${content}" instead of "${expected}".`);
    }
  }

  #checkEnd(store: SessionStore): void {
    this.#checkThread(store);
    if (store.state.sealed.length === 0) this.problems.push('Nothing was ever sealed, so sealing was not tried.');
    const kept = new Set(store.effects().map(({ toolCallId }) => toolCallId));
    for (const callId of this.#effects.keys())
      if (!kept.has(callId)) this.problems.push(`Lost: nothing is known of the effect ${callId} any more.`);
    if (resultsOf(store) !== steps) this.problems.push(`Lost: ${resultsOf(store)} of ${steps} results are there.`);
    if (this.#effects.size !== steps) this.problems.push(`Lost: ${this.#effects.size} of ${steps} effects happened.`);
    for (const [callId, count] of this.#effects)
      if (count !== 1) this.problems.push(`Doubled: the effect ${callId} happened ${count} times.`);
    for (let seq = 1; seq <= store.state.auditedSeq; seq += 1)
      if (!this.#served.has(seq)) this.problems.push(`Lost: a service never got event ${seq}.`);
  }
}

function resultsOf(store: SessionStore): number {
  return [...store.messagesFrom()].filter(({ role }) => role === 'tool').length;
}
