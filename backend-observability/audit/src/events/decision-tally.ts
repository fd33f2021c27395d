import { encodeCursor } from '@steward/service-kit';
import type { Caller } from '@steward/service-kit';
import { StewardError } from '@steward/sdk';
import { GroupTally, groupOf, isDecision } from '../packs/decision-group.ts';
import type { DecisionGroup } from '../packs/decision-group.ts';
import { decisionsBack } from '../packs/decisions-back.ts';
import type { DecisionPiece, DecisionsBackDeps } from '../packs/decisions-back.ts';
import { sessionTexts } from './event-sources.ts';
import { seesWholeTenant } from './visibility.ts';

/** Which decisions are counted; times are included. */
export interface TallyQuery {
  readonly from: string;
  readonly to: string;
  readonly session?: string;
  readonly user?: string;
  readonly cursor?: string;
}

/** A part of a tally; without `nextCursor` it is the last. */
export interface TallyPage {
  readonly items: DecisionGroup[];
  readonly readBackTo?: string;
  readonly nextCursor?: string;
}

/** Events looked at for one page. */
const budget = 3000;
/** About as much text as one page may hold, in characters. */
const mostText = 6_000_000;

/** Reads recorded decisions in bulk and counts equal ones of a page together, so that repetition costs little. */
export class DecisionTally {
  readonly #deps: DecisionsBackDeps;

  constructor(deps: DecisionsBackDeps) {
    this.#deps = deps;
  }

  /** One page, newest first; that of a session oldest first. @throws PERMISSION_DENIED for who may not see the whole tenant */
  async page(caller: Caller, query: TallyQuery): Promise<TallyPage> {
    if (!seesWholeTenant(caller))
      throw new StewardError(
        'PERMISSION_DENIED',
        'Decisions of everybody are shown to admins, auditors and operators.',
      );
    const tally = new GroupTally({ byPerson: false });
    let looked = 0;
    let readBackTo: string | undefined;
    let position: DecisionPiece['position'] | undefined;
    const page = (): TallyPage => ({ items: tally.groups(), ...(readBackTo === undefined ? {} : { readBackTo }) });
    for await (const piece of this.#pieces(caller, query)) {
      if (position !== undefined && (looked >= budget || tally.characters >= mostText))
        return { ...page(), nextCursor: encodeCursor(position) };
      position = piece.position;
      looked += piece.looked;
      readBackTo = piece.readBackTo ?? readBackTo;
      for (const group of piece.groups) if (query.user === undefined || group.userId === query.user) tally.add(group);
    }
    return page();
  }

  #pieces({ scope }: Caller, { session, from, to, cursor }: TallyQuery): AsyncIterable<DecisionPiece> {
    return session === undefined
      ? decisionsBack(this.#deps, scope, { from, to }, cursor)
      : this.#ofSession(scope, session, { from, to }, cursor);
  }

  async *#ofSession(
    scope: Caller['scope'],
    session: string,
    { from, to }: { readonly from: string; readonly to: string },
    cursor: string | undefined,
  ): AsyncGenerator<DecisionPiece> {
    for await (const { text, position } of sessionTexts(this.#deps.events, scope, session, cursor)) {
      const isMeant = isDecision(text) && isBetween(text.envelope.timestamp, from, to);
      yield { groups: isMeant ? [groupOf(text)] : [], looked: 1, position };
    }
  }
}

function isBetween(time: string, from: string, to: string): boolean {
  return time >= from && time <= to;
}
