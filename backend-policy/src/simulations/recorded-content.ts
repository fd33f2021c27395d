import type { RecordedAction, SimulatedDecision } from '@steward/contracts';

/** What was decided, and what from; the latter is absent in records of runtimes that did not keep it. */
export interface RecordedContent {
  readonly decision: SimulatedDecision;
  readonly recorded?: RecordedAction;
}

/** Reads the content of a recorded decision; undefined when it records none. Total and pure. */
export function readContent(text: string): RecordedContent | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof content !== 'object' || content === null) return undefined;
  const { decision, recorded } = content as { decision?: SimulatedDecision | null; recorded?: RecordedAction | null };
  if (typeof decision !== 'object' || decision === null) return undefined;
  if (!['allow', 'deny', 'require_approval'].includes(decision.decision)) return undefined;
  const { ruleId, explanation } = decision;
  return {
    decision: {
      decision: decision.decision,
      reasonCodes: Array.isArray(decision.reasonCodes) ? decision.reasonCodes : [],
      ...(ruleId === undefined ? {} : { ruleId }),
      ...(explanation === undefined ? {} : { explanation }),
    },
    // A later format may mean other things by the same names.
    ...(recorded?.schemaVersion === 1 ? { recorded } : {}),
  };
}
