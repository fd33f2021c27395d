import { decodeCursor } from '@steward/service-kit';
import type { TenantScope } from '@steward/service-kit';
import { dayOf, positionOf } from '../events/event.ts';
import { dayBefore, dayPositionOf, foreignCursor } from '../events/event-sources.ts';
import type { EventRepository, TimePosition, TimeRange } from '../events/repository.ts';
import { GroupTally, groupOf, isDecision } from './decision-group.ts';
import type { DecisionGroup } from './decision-group.ts';
import { atHour, endOf, hourOf, isWithin, numberOf, rangeOf } from './hours.ts';
import type { Hour } from './hours.ts';
import type { DecisionPacking, KnownHours } from './packing.ts';

/** Some decisions of a span, groups of equal content and person, and where the list goes on behind them. */
export interface DecisionPiece {
  readonly groups: readonly DecisionGroup[];
  /** How much work it was; one for each event that was read by itself. */
  readonly looked: number;
  /** Everything of the span from here on was read. */
  readonly readBackTo?: string;
  readonly position: Record<string, string | number>;
}

/** What reading decisions needs. */
export interface DecisionsBackDeps {
  readonly events: EventRepository;
  readonly packing: DecisionPacking;
}

/** The end of a day counts as some events, since each day is a read of its own. */
const dayCost = 50;
/** A pack's groups cost about this much less than events that are read one by one. */
const packedPerLooked = 20;
/** What is answered at a time where no whole hour is packed. */
const pieceAtMost = { rows: 500, characters: 1_000_000 };
/** An hour with more is read event by event. */
const packAtMost = { rows: 50_000, characters: 16_000_000 };

interface Part {
  readonly scope: TenantScope;
  readonly day: string;
  readonly range: TimeRange;
  readonly known: KnownHours;
}

/** The decisions of a tenant, newest first: whole hours by their packs where there are such, the rest event by event. */
export async function* decisionsBack(
  deps: DecisionsBackDeps,
  scope: TenantScope,
  range: TimeRange,
  cursor: string | undefined,
): AsyncGenerator<DecisionPiece> {
  const start = cursor === undefined ? { day: dayOf(range.to) } : startOf(decodeCursor(cursor));
  let { after, hour } = start;
  for (let day = start.day; day >= dayOf(range.from); day = dayBefore(day)) {
    const newest = [range.to, `${day}T23:59:59.999Z`, ...(after === undefined ? [] : [after.timeKey.slice(0, 24)])];
    if (hour !== undefined) newest.push(lastBefore(atHour(day, hour)));
    const oldest = [range.from, `${day}T00:00:00.000Z`];
    const part = { scope, day, range, known: deps.packing.day(scope, day) };
    yield* dayBack(deps, part, { from: oldest.sort().at(-1)!, to: newest.sort()[0]! }, after);
    after = undefined;
    hour = undefined;
    yield { groups: [], looked: dayCost, position: { day: dayBefore(day) } };
  }
}

async function* dayBack(
  deps: DecisionsBackDeps,
  part: Part,
  { from, to }: TimeRange,
  after: TimePosition | undefined,
): AsyncGenerator<DecisionPiece> {
  const { day, range, known } = part;
  const begun = after === undefined ? undefined : hourOf(after.timeKey);
  let rest = to;
  let goesOn = after;
  for (let n = numberOf(to); n >= numberOf(from); n -= 1) {
    const hour = atHour(day, n);
    if (hour === begun || rangeOf(hour).to > to || !isWithin(hour, range)) continue;
    const groups = await known.groups(hour);
    if (groups === undefined) continue;
    yield* rowsBack(deps, part, { from: new Date(endOf(hour)).toISOString(), to: rest }, goesOn);
    goesOn = undefined;
    rest = lastBefore(hour);
    const looked = 1 + Math.ceil(groups.length / packedPerLooked);
    yield { groups, looked, readBackTo: hour, position: { day, hour: n } };
  }
  yield* rowsBack(deps, part, { from, to: rest }, goesOn);
}

/** Events one by one; what they say of an hour that may be packed is kept. */
async function* rowsBack(
  { events }: DecisionsBackDeps,
  { scope, day, range, known }: Part,
  stretch: TimeRange,
  after: TimePosition | undefined,
): AsyncGenerator<DecisionPiece> {
  const begun = after === undefined ? undefined : hourOf(after.timeKey);
  let piece: { hour: Hour; packs: boolean; tally: GroupTally; looked: number; end: DecisionPiece } | undefined;
  for await (const text of events.readDay(scope, day, stretch, 'many', after)) {
    const { envelope } = text;
    const hour = hourOf(envelope.timestamp);
    const packs: boolean =
      piece?.hour === hour ? piece.packs : hour !== begun && isWithin(hour, range) && (await known.mayPack(hour));
    if (piece !== undefined && piece.hour !== hour && (piece.packs || packs)) {
      if (piece.packs) await known.keep(piece.hour, piece.tally.groups());
      if (piece.looked > 0) yield piece.end;
      piece = undefined;
    }
    const { tally, looked }: { tally: GroupTally; looked: number } = piece ?? {
      tally: new GroupTally({ byPerson: true }),
      looked: 0,
    };
    if (isDecision(text)) tally.add(groupOf(text));
    const end = {
      get groups() {
        return tally.groups();
      },
      looked: looked + 1,
      readBackTo: envelope.timestamp,
      position: positionOf(envelope),
    };
    piece = { hour, packs, tally, looked: looked + 1, end };
    const most = packs ? packAtMost : pieceAtMost;
    if (piece.looked < most.rows && tally.characters < most.characters) continue;
    yield end;
    // The rest of an hour that is too much for a pack is no whole hour any more.
    piece = { hour, packs: false, tally: new GroupTally({ byPerson: true }), looked: 0, end };
  }
  if (piece === undefined || piece.looked === 0) return;
  if (piece.packs) await known.keep(piece.hour, piece.tally.groups());
  yield piece.end;
}

/** The last millisecond before a time. */
function lastBefore(time: string): string {
  return new Date(Date.parse(time) - 1).toISOString();
}

function startOf(position: Record<string, string | number>): {
  readonly day: string;
  readonly after?: TimePosition;
  readonly hour?: number;
} {
  const { hour } = position;
  if (hour === undefined) return dayPositionOf(position);
  const { day } = dayPositionOf({ day: position['day'] ?? '' });
  if (Number.isInteger(hour) && Number(hour) >= 0 && Number(hour) <= 23) return { day, hour: Number(hour) };
  throw foreignCursor();
}
