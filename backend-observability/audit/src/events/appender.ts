import type { EventEnvelope } from '@steward/contracts';
import { StewardError, timestampOf } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import type { Caller, TenantScope } from '@steward/service-kit';
import { seal, streamStart } from './chain.ts';
import { draftOf } from './draft.ts';
import type { EventDraft } from './draft.ts';
import { referenceOf, streamName, streamOf } from './event.ts';
import type { EventReference, StoredEvent, StreamKey } from './event.ts';
import { KnownHeads } from './known-heads.ts';
import type { StreamHead } from './known-heads.ts';
import type { EventNotifier } from './notifier.ts';
import type { DecisionPacking } from '../packs/packing.ts';
import type { EventRepository } from './repository.ts';
import { StreamQueue } from './stream-queue.ts';

/** Where one sent event lies; `duplicate` when it was there before. */
export interface AppendOutcome {
  readonly eventId: string;
  readonly streamType: string;
  readonly streamId: string;
  readonly streamSeq: number;
  readonly duplicate: boolean;
}

/** What one request brings for one stream. */
interface Waiting {
  readonly stream: StreamKey;
  readonly drafts: readonly EventDraft[];
  readonly caller: Caller;
  /** Filled with what was stored and what was known. */
  readonly outcomes: Map<string, AppendOutcome>;
  resolve(): void;
  reject(reason: unknown): void;
}

// One transaction holds 100 items and 4 MB; an event takes two items.
const maxEvents = 45;
const maxBytes = 2_500_000;
const attempts = 40;

/** The only way to store events. */
export class EventAppender {
  readonly #events: EventRepository;
  readonly #notifier: EventNotifier;
  readonly #clock: Clock;
  readonly #packing: DecisionPacking;
  readonly #queue = new StreamQueue<Waiting>((waiting) => this.#appendAll(waiting));
  readonly #heads: KnownHeads;

  constructor(deps: {
    readonly events: EventRepository;
    readonly notifier: EventNotifier;
    readonly clock: Clock;
    readonly packing: DecisionPacking;
  }) {
    this.#events = deps.events;
    this.#packing = deps.packing;
    this.#notifier = deps.notifier;
    this.#clock = deps.clock;
    this.#heads = new KnownHeads(deps.clock);
  }

  /**
   * Stores events in the order given and answers where each lies, in that order. Idempotent by event id: known events
   * keep their number; a known id with another content is CONFLICT, before anything of the batch is stored. A batch
   * that fails later leaves its first part stored, so that sending it again completes it.
   */
  async append(caller: Caller, sent: readonly EventEnvelope[]): Promise<AppendOutcome[]> {
    const drafts = sent.map((event) => draftOf(caller, event));
    const outcomes = new Map<string, AppendOutcome>();
    const different = withoutRepetitions(drafts);
    const groups = groupByStream(different);
    // A single transaction finds known ids itself; before several, all ids are looked up.
    const isSingle = groups.length === 1 && firstChunk(different).length === different.length;
    const fresh = isSingle ? groups : groupByStream(await this.#withoutKnown(caller.scope, different, outcomes));
    for (const group of fresh) {
      const stream = streamOf(group[0].envelope);
      await new Promise<void>((resolve, reject) => {
        this.#queue.add(streamName(stream), { stream, drafts: group, caller, outcomes, resolve, reject });
      });
    }
    const answered = new Set<string>();
    return sent.map(({ eventId }) => {
      const outcome = outcomes.get(eventId);
      if (outcome === undefined) throw new Error(`Event ${eventId} was not stored.`);
      const repeated = answered.has(eventId);
      answered.add(eventId);
      return repeated ? { ...outcome, duplicate: true } : outcome;
    });
  }

  /** Stores what several requests brought for one stream, in one transaction where that can be; settles each. */
  async #appendAll(all: readonly Waiting[]): Promise<void> {
    for (let left = all; left.length > 0;) {
      const together = fittingOnes(left);
      left = left.slice(together.length);
      if (together.length > 1 && (await this.#appendTogether(together))) continue;
      for (const one of together) await this.#appendTo(one).then(one.resolve, one.reject);
    }
  }

  /** Answers false, having stored nothing, when one of them has to be looked at by itself. */
  async #appendTogether(together: readonly Waiting[]): Promise<boolean> {
    const [{ stream, caller }] = together as readonly [Waiting];
    try {
      let newest = await this.#headOf(stream, caller.scope);
      const parts: StoredEvent[][] = [];
      for (const one of together) {
        refuseForeignStream(stream, newest, one.caller);
        const next = chain(one.drafts, stream, newest, one.caller, timestampOf(this.#clock));
        parts.push(next.stored);
        newest = next.newest;
      }
      if (!(await this.#store(stream, parts.flat(), newest, caller.scope))) return false;
      together.forEach(({ outcomes }, at) => noteStored(outcomes, parts[at] ?? []));
      for (const { resolve } of together) resolve();
    } catch (error) {
      if (error instanceof StewardError) return false;
      for (const { reject } of together) reject(error);
    }
    return true;
  }

  async #appendTo({ stream, drafts, caller, outcomes }: Waiting): Promise<void> {
    let rest = drafts;
    for (let attempt = 0; rest.length > 0;) {
      const head = await this.#headOf(stream, caller.scope);
      refuseForeignStream(stream, head, caller);
      const chunk = firstChunk(rest);
      const { stored, newest } = chain(chunk, stream, head, caller, timestampOf(this.#clock));
      if (await this.#store(stream, stored, newest, caller.scope)) {
        noteStored(outcomes, stored);
        rest = rest.slice(chunk.length);
        attempt = 0;
        continue;
      }
      attempt += 1;
      if (attempt >= attempts) throw busy(stream);
      rest = await this.#withoutKnown(caller.scope, rest, outcomes);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(200, 2 ** attempt)));
    }
  }

  /** Answers false, having stored nothing, when a number or an id was taken. */
  async #store(
    stream: StreamKey,
    stored: readonly StoredEvent[],
    newest: StreamHead,
    scope: TenantScope,
  ): Promise<boolean> {
    await this.#packing.announce(
      scope,
      stored.map(({ event }) => event),
    );
    if (!(await this.#events.append(scope, stored))) {
      this.#heads.missed(stream);
      return false;
    }
    this.#heads.wrote(stream, newest);
    this.#notifier.notify(stream);
    return true;
  }

  async #headOf(stream: StreamKey, scope: TenantScope): Promise<StreamHead> {
    const known = this.#heads.get(stream);
    if (known !== undefined) return known;
    const newest = await this.#events.head(scope, stream);
    return newest === undefined ? streamStart : headOf(newest);
  }

  /** Notes where known events lie and answers the others. */
  async #withoutKnown(
    scope: TenantScope,
    drafts: readonly EventDraft[],
    outcomes: Map<string, AppendOutcome>,
  ): Promise<EventDraft[]> {
    const references = await this.#events.findReferences(
      scope,
      drafts.map(({ envelope }) => envelope.eventId),
    );
    for (const { envelope, contentDigest } of drafts) {
      const known = references.get(envelope.eventId);
      if (known !== undefined && known.contentDigest !== contentDigest) throw otherContent(envelope.eventId);
    }
    for (const reference of references.values()) outcomes.set(reference.eventId, outcomeOf(reference, true));
    return drafts.filter(({ envelope }) => !references.has(envelope.eventId));
  }
}

function withoutRepetitions(drafts: readonly EventDraft[]): EventDraft[] {
  const first = new Map<string, EventDraft>();
  for (const draft of drafts) {
    const earlier = first.get(draft.envelope.eventId);
    if (earlier === undefined) first.set(draft.envelope.eventId, draft);
    else if (earlier.contentDigest !== draft.contentDigest) throw otherContent(draft.envelope.eventId);
  }
  return [...first.values()];
}

function groupByStream(drafts: readonly EventDraft[]): [EventDraft, ...EventDraft[]][] {
  const groups = new Map<string, [EventDraft, ...EventDraft[]]>();
  for (const draft of drafts) {
    const name = streamName(streamOf(draft.envelope));
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [draft]);
    else group.push(draft);
  }
  return [...groups.values()];
}

/**
 * The first ones that fit into one transaction; an id that comes twice is for two. At least one, which may be larger.
 */
function fittingOnes(waiting: readonly Waiting[]): readonly Waiting[] {
  const drafts: EventDraft[] = [];
  const ids = new Set<string>();
  const end = waiting.findIndex((one, at) => {
    drafts.push(...one.drafts);
    const repeats = one.drafts.some(({ envelope }) => ids.has(envelope.eventId));
    for (const { envelope } of one.drafts) ids.add(envelope.eventId);
    return at > 0 && (repeats || firstChunk(drafts).length < drafts.length);
  });
  return end === -1 ? waiting : waiting.slice(0, end);
}

function noteStored(outcomes: Map<string, AppendOutcome>, stored: readonly StoredEvent[]): void {
  for (const one of stored) outcomes.set(one.event.eventId, outcomeOf(referenceOf(one), false));
}

function firstChunk(drafts: readonly EventDraft[]): readonly EventDraft[] {
  let bytes = 0;
  const fitting = drafts.slice(0, maxEvents).findIndex(({ sizeBytes }, index) => {
    bytes += sizeBytes;
    return index > 0 && bytes > maxBytes;
  });
  return drafts.slice(0, fitting === -1 ? maxEvents : fitting);
}

/** The drafts as events that follow the head, and the head that they make. */
function chain(
  drafts: readonly EventDraft[],
  stream: StreamKey,
  head: StreamHead,
  caller: Caller,
  createdAt: string,
): { readonly stored: StoredEvent[]; readonly newest: StreamHead } {
  const stored: StoredEvent[] = [];
  let newest = head;
  for (const { envelope, contentDigest } of drafts) {
    const owner = newest.owner ?? ownerClaimedBy(envelope, stream, caller);
    const event = seal(envelope, stream, newest);
    const next = { event, ...(owner === undefined ? {} : { owner }), contentDigest, createdAt };
    stored.push(next);
    newest = headOf(next);
  }
  return { stored, newest };
}

function headOf({ event: { streamSeq, hash }, owner }: StoredEvent): StreamHead {
  return { streamSeq, hash, ...(owner === undefined ? {} : { owner }) };
}

/**
 * Whose workspace a stream is about: the first person who writes to it, or whose session begins in it. Other events
 * of services do not count, since they may report what an approver did.
 */
function ownerClaimedBy(envelope: EventEnvelope, stream: StreamKey, caller: Caller): string | undefined {
  if (stream.streamType !== 'workspace') return undefined;
  const beginsSession = envelope.eventType === 'session_created' && caller.actingFor?.userId !== undefined;
  return !caller.isService || beginsSession ? envelope.userId : undefined;
}

function refuseForeignStream(stream: StreamKey, head: StreamHead, caller: Caller): void {
  if (caller.isService || head.owner === undefined || head.owner === caller.userId) return;
  throw new StewardError(
    'PERMISSION_DENIED',
    `Workspace ${stream.streamId} is not yours, so no events can be added to it. Check the workspaceId.`,
    {
      details: { workspaceId: stream.streamId, reasonCodes: ['workspace_not_yours'] },
    },
  );
}

function outcomeOf(reference: EventReference, duplicate: boolean): AppendOutcome {
  const { eventId, streamType, streamId, streamSeq } = reference;
  return { eventId, streamType, streamId, streamSeq, duplicate };
}

function otherContent(eventId: string): StewardError {
  return new StewardError(
    'CONFLICT',
    `Event ${eventId} exists with another content. Events never change; give a new event a new id.`,
    {
      details: { eventId, reasonCodes: ['event_id_reused'] },
    },
  );
}

function busy(stream: StreamKey): StewardError {
  return new StewardError(
    'RATE_LIMITED',
    `Too many writers add to the stream of ${stream.streamId} at once. Send the events again.`,
    {
      details: { retryAfterSeconds: 1 },
    },
  );
}
