import type { EffectOutcome } from '@steward/tool-port';
import type { PrivateRecords } from './session-reducer.ts';
import type { EffectRecord } from './session-state.ts';

/** The effects that the records of a journal tell of, as they stand behind the last of them. */
export class KnownEffects {
  readonly #byCall = new Map<string, EffectRecord>();

  /** An effect was announced when the conversation had so many messages. */
  announce(effect: PrivateRecords['intent'], messages: number): void {
    this.#byCall.set(effect.toolCallId, { ...effect, at: effect.at ?? messages });
  }

  /** What became of one; an effect that is not known stays unknown. */
  prove(toolCallId: string, proof: EffectOutcome): void {
    const effect = this.#byCall.get(toolCallId);
    if (effect !== undefined) effect.proof = proof;
  }

  /** Forgets those that were announced when there were more messages than these. */
  truncate(messages: number): void {
    for (const { toolCallId, at } of this.#byCall.values()) if (at > messages) this.#byCall.delete(toolCallId);
  }

  /** All of them by call, in the order in which they were announced first. */
  all(): ReadonlyMap<string, EffectRecord> {
    return this.#byCall;
  }
}
