import type { EventText } from '../events/repository.ts';

/** Decisions of equal content, and the newest of them. */
export interface DecisionGroup {
  readonly count: number;
  readonly eventId: string;
  readonly timestamp: string;
  readonly userId: string;
  readonly sessionId?: string;
  /** The payload's JSON text without the tool call. */
  readonly content: string;
}

/** True for events that record a decision. */
export function isDecision({ envelope }: EventText): boolean {
  return envelope.eventType === 'decision_recorded';
}

/** An event that records a decision as a group of its own. */
export function groupOf({ envelope, payload }: EventText): DecisionGroup {
  const { eventId, timestamp, userId, sessionId } = envelope;
  return {
    count: 1,
    eventId,
    timestamp,
    userId,
    ...(sessionId === undefined ? {} : { sessionId }),
    content: contentOf(payload),
  };
}

/** Counts groups of equal content together; by person, too, when told so. */
export class GroupTally {
  readonly #byPerson: boolean;
  readonly #groups = new Map<string, DecisionGroup>();
  #characters = 0;

  constructor(options: { readonly byPerson: boolean }) {
    this.#byPerson = options.byPerson;
  }

  /** How much text the contents are. */
  get characters(): number {
    return this.#characters;
  }

  add(group: DecisionGroup): void {
    const key = this.#byPerson ? `${group.userId}\n${group.content}` : group.content;
    const known = this.#groups.get(key);
    if (known === undefined) {
      this.#groups.set(key, group);
      this.#characters += group.content.length;
      return;
    }
    const newest = isNewer(group, known) ? group : known;
    this.#groups.set(key, { ...newest, count: known.count + group.count });
  }

  groups(): DecisionGroup[] {
    return [...this.#groups.values()];
  }
}

/** The text without the id of the call, which is the runtime's own and all that differs when an action is repeated. */
function contentOf(payload: string): string {
  const [call] = /^\{"toolCallId":"[\w-]{1,100}",/.exec(payload) ?? [];
  return call === undefined ? payload : `{${payload.slice(call.length)}`;
}

function isNewer(one: DecisionGroup, other: DecisionGroup): boolean {
  if (one.timestamp !== other.timestamp) return one.timestamp > other.timestamp;
  return one.eventId > other.eventId;
}
