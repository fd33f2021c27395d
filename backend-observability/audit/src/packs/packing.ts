import type { Clock } from '@steward/sdk';
import type { TenantScope } from '@steward/service-kit';
import type { EventText } from '../events/repository.ts';
import { endOf, hourOf, numberOf } from './hours.ts';
import type { Hour } from './hours.ts';
import type { DecisionGroup } from './decision-group.ts';
import { packGroups, unpackGroups } from './pack-text.ts';
import type { PackRepository, PackedHours } from './repository.ts';

const minuteMs = 60_000;
/** An event that is stored this long after its hour is late, and is told of before. */
const lateAfterMs = 10 * minuteMs;
/** An hour may be packed when everything that is not late has long been visible in the index by day. */
const packAfterMs = 30 * minuteMs;
/** A pack that was read less than this after the last late event was told of may not hold it. */
const settleMs = 10 * minuteMs;
/** A mark holds this long for further events, much less than `settleMs`. */
const markAgainMs = 3 * minuteMs;
const mostMarks = 10_000;
/** Packs that are read together; a part of a day's, since an answer seldom holds a whole day. */
const hoursPerRead = 4;

/** What is known of the hours of one day, at one moment. */
export interface KnownHours {
  /** The pack's groups; undefined when there is none that can be relied on. */
  groups(hour: Hour): Promise<readonly DecisionGroup[] | undefined>;
  /** True when the hour's events, read from now on, make a pack that can be relied on. */
  mayPack(hour: Hour): Promise<boolean>;
  /** Keeps what the hour's events say. A pack that can't be kept is missed by nobody. */
  keep(hour: Hour, groups: readonly DecisionGroup[]): Promise<void>;
}

/**
 * Decides which packs hold everything of their hour. Senders may deliver hours later what happened before, so whoever
 * stores such an event says so first, and an hour is only believed when its events were read well after the last word.
 */
export class DecisionPacking {
  readonly #packs: PackRepository;
  readonly #clock: Clock;
  readonly #marks = new Map<string, number>();

  constructor(deps: { readonly packs: PackRepository; readonly clock: Clock }) {
    this.#packs = deps.packs;
    this.#clock = deps.clock;
  }

  /** What is known of a UTC day as of now; hours are looked up some at a time when they are asked for. */
  day(scope: TenantScope, day: string): KnownHours {
    const readAt = this.#clock.now();
    let kept: { readonly first: number; readonly hours: Promise<PackedHours> } | undefined;
    const lookUp = (hour: Hour): Promise<PackedHours> => {
      const first = Math.floor(numberOf(hour) / hoursPerRead) * hoursPerRead;
      if (kept?.first !== first)
        kept = { first, hours: this.#packs.readHours(scope, { day, first, last: first + hoursPerRead - 1 }) };
      return kept.hours;
    };
    return {
      groups: async (hour) => {
        const known = await lookUp(hour);
        const pack = known.packs.get(hour);
        if (pack === undefined || !isSettled(known, hour, Date.parse(pack.readAt))) return undefined;
        // What can't be read is made anew.
        return unpackGroups(pack.parts).catch(() => undefined);
      },
      mayPack: async (hour) => isSettled(await lookUp(hour), hour, readAt.getTime()),
      keep: async (hour, groups) => {
        const pack = { hour, readAt: readAt.toISOString(), parts: await packGroups(groups) };
        await this.#packs.put(scope, pack).catch(() => undefined);
      },
    };
  }

  /** To be awaited before events are stored. Rejects when it could not be said that some are late. */
  async announce(scope: TenantScope, events: readonly EventText['envelope'][]): Promise<void> {
    const now = this.#clock.now();
    const late = events.filter(
      ({ eventType, timestamp }) =>
        eventType === 'decision_recorded' && endOf(hourOf(timestamp)) + lateAfterMs <= now.getTime(),
    );
    for (const hour of new Set(late.map(({ timestamp }) => hourOf(timestamp)))) {
      const key = `${scope.tenantId}\n${hour}`;
      if (now.getTime() - (this.#marks.get(key) ?? -Infinity) < markAgainMs) continue;
      await this.#packs.markLate(scope, hour, now.toISOString());
      if (this.#marks.size >= mostMarks) this.#marks.clear();
      this.#marks.set(key, now.getTime());
    }
  }
}

/** Whether events that were read at a moment hold everything of the hour that was not told of since. */
function isSettled({ lateAt }: PackedHours, hour: Hour, readAtMs: number): boolean {
  const late = lateAt.get(hour);
  const isOver = endOf(hour) + packAfterMs <= readAtMs;
  return isOver && (late === undefined || Date.parse(late) + settleMs <= readAtMs);
}
