import { describe, expect, it } from '@jest/globals';
import type { ConversationMessage } from '@steward/contracts';
import fc from 'fast-check';
import { JournalUnavailableError } from '../../src/journal/journal-error.ts';
import { SessionStore } from '../../src/session/session-store.ts';
import type { StoreOpening } from '../../src/session/session-store.ts';
import { ManualTime } from '../support/manual-time.ts';
import { MemoryJournalFiles, diskFull } from '../support/memory-journal-files.ts';
import { countingIds, testSessionId } from '../support/test-host.ts';

const path = '/home/sessions/s/journal.log';
const at = '2026-11-21T06:00:00.000Z';

type Act =
  | { readonly kind: 'prompt' }
  | { readonly kind: 'step'; readonly calls: number; readonly open: boolean }
  | { readonly kind: 'rewind'; readonly share: number }
  | { readonly kind: 'compact' }
  | { readonly kind: 'reopen' };

const act = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Act>({ kind: 'prompt' }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('step' as const), calls: fc.nat({ max: 3 }), open: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('rewind' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  { weight: 3, arbitrary: fc.constant<Act>({ kind: 'compact' }) },
  { weight: 1, arbitrary: fc.constant<Act>({ kind: 'reopen' }) },
);
const acts = fc.array(act, { maxLength: 40 });

/** A conversation in memory, as it should be, beside the one on the disk. */
class Twin {
  readonly files: MemoryJournalFiles;
  store!: SessionStore;
  messages: ConversationMessage[] = [];
  effects: { toolCallId: string; at: number; proof?: string }[] = [];
  approvals: { readonly approvalId: string; readonly at: number }[] = [];
  #next = 0;
  #newId = countingIds();

  constructor(files = new MemoryJournalFiles()) {
    this.files = files;
  }

  async open(): Promise<StoreOpening> {
    const opening = await SessionStore.open(path, testSessionId, {
      files: this.files,
      clock: new ManualTime(),
      newId: this.#newId,
      keepEvents: 3,
    });
    this.store = opening.store;
    return opening;
  }

  async play(one: Act): Promise<void> {
    if (one.kind === 'prompt') return this.#prompt();
    if (one.kind === 'step') return this.#step(one.calls, one.open);
    if (one.kind === 'rewind') return this.#rewind(one.share);
    if (one.kind === 'compact') return this.store.compact();
    await this.store.sync();
    this.files.cutPower();
    await this.open();
  }

  /** Everything that can be read back, compared whole and in parts: with what an opening left in memory, and without. */
  check(): void {
    this.#compare();
    this.store.forgetOpening();
    this.#compare();
  }

  #compare(): void {
    const { store, messages, effects } = this;
    expect([...store.messagesFrom()]).toEqual(messages);
    for (const from of [0, 1, Math.floor(messages.length / 2), messages.length])
      expect(store.messages(from, from + 5)).toEqual(messages.slice(from, from + 5));
    const start = messages.findLastIndex(({ role }) => role !== 'tool');
    const { block } = store.state.messages;
    expect(store.state.messages.length).toBe(messages.length);
    expect(block).toEqual(block.length === 0 ? [] : messages.slice(start));
    for (const after of [-1, Math.floor(messages.length / 2)])
      expect(
        store.effects(after).map(({ toolCallId, at: place, proof }) => ({
          toolCallId,
          at: place,
          ...(proof === undefined ? {} : { proof }),
        })),
      ).toEqual(effects.filter(({ at: place }) => place > after));
    expect(store.state.title?.text).toBe(messages.find(({ role }) => role === 'user')?.content);
    for (const { approvalId } of this.approvals) expect(store.approval(approvalId)?.status).toBe('approved');
  }

  #prompt(): void {
    const number = (this.#next += 1);
    const content = `prompt ${number}`;
    const event = this.store.emit('user_message', { messageId: `msg_${number}`, content });
    this.messages.push({
      messageId: `msg_${number}`,
      sessionId: testSessionId,
      role: 'user',
      content,
      timestamp: event.timestamp,
      provenance: { source: 'person', trust: 'trusted' },
    });
  }

  #step(calls: number, open: boolean): void {
    const number = (this.#next += 1);
    this.#add({ messageId: `msg_${number}`, sessionId: testSessionId, role: 'assistant', content: 'x', timestamp: at });
    const place = this.messages.length;
    for (let call = 0; call < calls; call += 1) {
      const toolCallId = `tc_${number}_${call}`;
      const intent = { toolCallId, taskId: 't', toolName: 'WriteFile' };
      this.store.record('intent', { ...intent, stepId: `s${number}`, actionDigest: 'd', intent });
      this.store.emit('text_chunk', { messageId: 'm', offset: 0, text: 'piece' });
      const isOpen = open && call === 0;
      this.effects.push({ toolCallId, at: place, ...(isOpen ? {} : { proof: 'done' }) });
      const request = { approvalId: `appr_${toolCallId}`, toolCallId, actionDigest: 'd' } as never;
      this.store.record('approval', { request, status: 'approved', grantKey: 'k' });
      this.approvals.push({ approvalId: `appr_${toolCallId}`, at: place });
      const result = { toolName: 'WriteFile', sessionId: testSessionId, taskId: 't', stepId: 's', status: 'succeeded' };
      if (!isOpen) this.store.record('outcome', { toolCallId, proof: 'done', result: result as never });
    }
    for (let call = 0; call < calls; call += 1)
      this.#add({
        messageId: `msg_${number}_${call}`,
        sessionId: testSessionId,
        role: 'tool',
        content: 'y'.repeat(number),
        timestamp: at,
        toolCallId: `tc_${number}_${call}`,
      });
  }

  #rewind(share: number): void {
    const starts = [...this.messages.entries()].flatMap(([index, { role }]) => (role === 'tool' ? [] : [index]));
    const kept = starts[Math.floor(share * starts.length)] ?? this.messages.length;
    this.store.emit('session_rewound', { checkpointId: 'c', restored: [], refused: [], messages: kept });
    this.messages = this.messages.slice(0, kept);
    this.effects = this.effects.filter(({ at: place }) => place <= kept);
    this.approvals = this.approvals.filter(({ at: place }) => place <= kept);
  }

  #add(message: ConversationMessage): void {
    this.store.emit('message_completed', { message });
    this.messages.push(message);
  }
}

async function played(list: readonly Act[]): Promise<Twin> {
  const twin = new Twin();
  await twin.open();
  for (const one of list) await twin.play(one);
  await twin.store.sync();
  return twin;
}

describe('a conversation whose older part is sealed', () => {
  it('is read back as it was said, however often it was compacted, taken back and opened again', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (list) => {
        const twin = await played(list);

        twin.check();
        twin.files.cutPower();
        const { damagedParts, end } = await twin.open();

        expect({ damagedParts, state: end.state }).toEqual({ damagedParts: [], state: 'clean' });
        twin.check();
      }),
      { numRuns: 50 },
    );
  });

  it('is whole after a death, a power cut or a full disk at any operation of a compaction', async () => {
    const death = fc.constantFrom('kill', 'power', 'full');
    await fc.assert(
      fc.asyncProperty(acts, fc.integer({ min: 1, max: 25 }), death, async (list, operation, kind) => {
        const twin = await played(list);
        const from = twin.files.operations.length;
        twin.files.fault = (_name, count) => {
          if (count === from + operation || (count > from + operation && kind !== 'full')) throw diskFull();
        };

        const failure = await twin.store.compact().catch((error: unknown) => error);
        if (kind === 'full') {
          twin.files.fault = () => undefined;
          twin.check();
        }
        if (kind === 'kill') twin.files.kill();
        else twin.files.cutPower();
        const { damagedParts } = await twin.open();

        if (kind === 'full' && failure !== undefined) expect(failure).toBeInstanceOf(JournalUnavailableError);
        expect(damagedParts).toEqual([]);
        twin.check();
        await twin.store.compact();
        twin.check();
      }),
      { numRuns: 50 },
    );
  });

  it('says which part is damaged, keeps the number of every message, and answers none of them wrongly', async () => {
    const damage = fc.oneof(
      fc.record({
        kind: fc.constant('byte' as const),
        share: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        mask: fc.integer({ min: 1, max: 255 }),
      }),
      fc.record({ kind: fc.constant('cut' as const), share: fc.double({ min: 0, max: 0.999_999, noNaN: true }) }),
      fc.record({ kind: fc.constant('gone' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 30 }), damage, async (list, how) => {
        const twin = await played([
          ...list,
          { kind: 'step', calls: 1, open: false },
          { kind: 'prompt' },
          { kind: 'compact' },
        ]);
        const { name } = twin.store.state.sealed.at(-1)!;
        const file = twin.files.files.get(`/home/sessions/s/${name}`)!;
        twin.files.cutPower();
        const place = how.kind === 'gone' ? 0 : Math.floor(how.share * file.durable.length);
        const changed = Buffer.from(file.durable);
        if (how.kind === 'byte') changed[place]! ^= how.mask;
        if (how.kind === 'gone') twin.files.files.delete(`/home/sessions/s/${name}`);
        else file.data = how.kind === 'byte' ? changed : changed.subarray(0, place);

        const { damagedParts } = await twin.open();
        const found = [...twin.store.messagesFrom()];

        expect(damagedParts).toEqual([name]);
        expect(found).toHaveLength(twin.messages.length);
        for (const [index, message] of found.entries())
          if (!message.content.startsWith('[This message can not be read any more'))
            expect(message).toEqual(twin.messages[index]);
      }),
      { numRuns: 40 },
    );
  });

  it('costs a compaction what is new since the last one, not what was said before', async () => {
    const twin = new Twin();
    await twin.open();
    const lengths: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      for (let step = 0; step < 30; step += 1) await twin.play({ kind: 'step', calls: 1, open: false });
      twin.store.record('audited', { seq: twin.store.state.lastSeq });
      await twin.store.compact();
      lengths.push(twin.files.files.get(path)!.data.length);
    }

    twin.check();
    const parts = twin.store.state.sealed.map(({ first, end }) => end - first);

    expect(parts).toEqual([58, 60, 60, 60, 60, 60]);
    expect(Math.max(...lengths)).toBeLessThan(Math.min(...lengths) + 1_000);
  });
});
